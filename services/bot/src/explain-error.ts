import { ApiError } from '@common-purse/client'
import { Problem, type ProblemCode } from '@common-purse/contracts'
import { MemoryAwayError } from './memory.ts'
import type { Texts } from './texts/index.ts'

type Trouble = keyof Texts['trouble']

/** What is said in the person's own language; for any other refusal the purse's own sentence stands. */
const troubleOf: Partial<Record<ProblemCode, Trouble>> = {
  telegram_not_linked: 'notLinked',
  permission_denied: 'denied',
  insufficient_funds: 'funds',
  not_found: 'gone',
  rate_limited: 'limited',
  upstream_unavailable: 'apiAway',
  replay_guard_unavailable: 'apiAway',
  internal: 'broken',
}

/** Says what went wrong and what to do, with the request id where there is one. */
export function explainError(error: unknown, texts: Texts): string {
  if (error instanceof MemoryAwayError) return texts.trouble.memoryAway
  if (error instanceof Problem) return texts.trouble[troubleOf[error.code] ?? 'broken']
  if (!(error instanceof ApiError)) return texts.trouble.broken
  const { code, detail, title, request_id: requestId } = error.problem
  const trouble = troubleOf[code as ProblemCode]
  const words = trouble === undefined ? detail || title : texts.trouble[trouble]
  return requestId === '' ? words : `${words}\n${texts.common.requestId(requestId)}`
}

/** True when the same request may succeed later; any other refusal stays the same refusal. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  const { status, code } = error.problem
  return (
    status >= 500 ||
    [401, 429].includes(status) ||
    ['request_in_progress', 'telegram_not_linked'].includes(code)
  )
}
