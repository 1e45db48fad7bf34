import { ApiError } from '@common-purse/client'
import { formatTime } from './format.ts'
import { texts } from './texts.ts'

/** What a person is shown of a failure. */
export interface Failure {
  text: string
  /** What is wrong with which field, by its name in the contract. */
  fields: Record<string, string>
  requestId?: string
  /** The problem's code, when the server answered. */
  code?: string
  /** Whether the same try may succeed later. */
  mayPass: boolean
}

const words = texts.failures

/** Whether what was asked for may have been done all the same; then the same key has to be sent again. */
export function isUncertain(error: unknown): boolean {
  if (!(error instanceof ApiError)) return isNetworkFailure(error)
  return error.problem.status >= 500 || error.problem.code === 'request_in_progress'
}

/** Says in words what went wrong; `changing` calls also say what is not known. */
export function describeFailure(error: unknown, changing = false): Failure {
  if (!(error instanceof ApiError))
    return { text: describeForeign(error, changing), fields: {}, mayPass: true }
  const { problem, retryAfter } = error
  const parts = [describeProblem(error)]
  if (retryAfter !== undefined && retryAfter > 0) parts.push(words.retryAfter(retryAfter))
  if (changing && problem.status >= 500) parts.push(words.uncertain)
  return {
    text: parts.join(' '),
    fields: Object.fromEntries(
      problem.errors.map(({ field, message }) => [field, texts.fieldError(message)]),
    ),
    code: problem.code,
    mayPass: isUncertain(error) || problem.code === 'rate_limited',
    ...(problem.request_id ? { requestId: problem.request_id } : {}),
  }
}

function describeProblem({ problem }: ApiError): string {
  if (problem.code === 'signature_expired' && problem.server_time)
    return words.clock(formatTime(problem.server_time))
  return texts.problems[problem.code] ?? endSentence(problem.detail || problem.title)
}

function describeForeign(error: unknown, changing: boolean): string {
  if (!isNetworkFailure(error)) return words.unexpected
  const text = error instanceof DOMException ? words.timeout : words.offline
  return changing ? `${text} ${words.uncertain}` : text
}

/** `fetch` rejects with a TypeError when there is no answer, and with a DOMException when time is over. */
const isNetworkFailure = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof DOMException

const endSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)
