import { Problem, type ProblemCode, type ProblemDocument, problems } from '@common-purse/contracts'
import type { ErrorRequestHandler, Response } from 'express'
import { isDatabaseAway, isDatabaseBusy } from './database.ts'
import { replayedRefusals } from './idempotency.ts'
import type { Logger } from './logger.ts'
import type { RequestContext } from './request-context.ts'

const fromExpress: Record<number, ProblemCode> = {
  400: 'invalid_request',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** Turns whatever was thrown into an expected failure: a library's own error by its status, anything else `internal`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isDatabaseAway(error))
    return new Problem('upstream_unavailable', 'The database cannot be reached', {
      cause: error,
      retryAfter: 1,
    })
  if (isDatabaseBusy(error))
    return new Problem('upstream_unavailable', 'This took the database too long; try again', {
      cause: error,
      retryAfter: 1,
    })
  const status = (error as { status?: unknown } | undefined)?.status
  const code = typeof status === 'number' ? fromExpress[status] : undefined
  if (code) return new Problem(code, problems[code].title, { cause: error })
  return new Problem('internal', 'Something broke on our side; the request id helps us find it', {
    cause: error,
  })
}

/** Tells the gateway's access log which problem a service answered, without reading its body; the gateway removes it. */
export const problemCodeHeader = 'x-problem-code'

/** The RFC 9457 document of a problem. */
export function problemDocument(problem: Problem, context: RequestContext): ProblemDocument {
  const { status, title } = problems[problem.code]
  return {
    type: `/problems/${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    request_id: context.requestId,
    trace_id: context.traceId,
    errors: problem.extras.errors ?? [],
    ...problem.extras.members,
  }
}

export function sendProblem(res: Response, problem: Problem, context: RequestContext): void {
  const document = problemDocument(problem, context)
  const retryAfter = problem.extras.retryAfter ?? (document.status === 503 ? 1 : undefined)
  if (retryAfter !== undefined) res.set('retry-after', String(Math.ceil(retryAfter)))
  if (replayedRefusals.has(problem)) res.set('idempotent-replayed', 'true')
  if (document.status === 401) res.set('www-authenticate', `Bearer error="${document.code}"`)
  res.locals['problemCode'] = problem.code
  res.status(document.status).type('application/problem+json').send(JSON.stringify(document))
}

/**
 * Last middleware of the gateway and of every service; the only place that writes an error answer. `tellCode`: a service
 * tells the gateway in front of it, which has nobody to tell.
 */
export function problemHandler(logger: Logger, { tellCode = false } = {}): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const problem = toProblem(error)
    const context = res.locals['context'] as RequestContext
    const { status, title } = problems[problem.code]
    const ids = { request_id: context.requestId, trace_id: context.traceId }
    if (res.headersSent) {
      logger.error({ err: error, ...ids }, 'An answer broke off')
      return void res.destroy()
    }
    if (problem.code === 'internal') logger.error({ err: problem.cause ?? problem, ...ids }, title)
    // Something else is away, which many requests meet at once: a line each, without a stack.
    else if (status >= 500)
      logger.warn({ err: (problem.cause as Error | undefined)?.message, ...ids }, problem.message)
    if (tellCode) res.set(problemCodeHeader, problem.code)
    sendProblem(res, problem, context)
  }
}
