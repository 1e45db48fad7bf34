import type { Request, Response } from 'express'
import type { Logger } from './logger.ts'
import type { RequestContext } from './request-context.ts'

/**
 * At the level `debug` each request has a line with its ids in every service that it came through, so that it can be followed
 * where nothing is traced. The route's pattern is told, never what a person asked for.
 */
export function logAnswer(req: Request, res: Response, logger: Logger, context: RequestContext): void {
  if (!logger.isLevelEnabled('debug')) return
  const startedAt = performance.now()
  res.once('close', () => {
    const { route, problemCode } = res.locals as { route?: string; problemCode?: string }
    logger.debug(
      {
        request_id: context.requestId,
        trace_id: context.traceId,
        method: req.method,
        route: route ?? 'none',
        status: res.statusCode,
        ...(problemCode === undefined ? {} : { problem: problemCode }),
        duration_ms: Math.round(performance.now() - startedAt),
      },
      'A request is over',
    )
  })
}
