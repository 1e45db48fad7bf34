import { ApiError } from '@common-purse/client'
import { Problem, type ProblemCode, roles } from '@common-purse/contracts'
import { MemoryAwayError } from './memory.ts'
import type { Texts } from './texts/index.ts'
import type { TroubleTexts } from './texts/trouble.ts'

type Trouble = keyof TroubleTexts

/** What is said of each problem; a code that is not here yet has the purse's own sentence. */
const troubleOf: Record<ProblemCode, Trouble> = {
  invalid_request: 'refused',
  idempotency_key_missing: 'broken',
  unauthenticated: 'signedOut',
  token_invalid: 'signedOut',
  token_expired: 'signedOut',
  token_revoked: 'signedOut',
  credentials_invalid: 'refused',
  totp_required: 'refused',
  refresh_token_invalid: 'signedOut',
  refresh_token_reused: 'signedOut',
  signature_missing: 'broken',
  signature_invalid: 'broken',
  signature_expired: 'broken',
  digest_mismatch: 'broken',
  nonce_reused: 'broken',
  permission_denied: 'denied',
  self_approval: 'selfApproval',
  not_found: 'gone',
  method_not_allowed: 'broken',
  insufficient_funds: 'funds',
  already_resolved: 'resolved',
  already_reversed: 'reversed',
  not_reversible: 'notReversible',
  request_in_progress: 'inProgress',
  email_taken: 'refused',
  telegram_taken: 'taken',
  telegram_not_linked: 'notLinked',
  totp_already_enabled: 'refused',
  already_member: 'refused',
  last_owner: 'refused',
  account_closed: 'closed',
  limit_reached: 'refused',
  code_expired: 'over',
  invitation_expired: 'refused',
  body_too_large: 'tooLong',
  unsupported_media_type: 'broken',
  idempotency_key_reused: 'otherContent',
  rate_limited: 'limited',
  internal: 'broken',
  upstream_unavailable: 'apiAway',
  replay_guard_unavailable: 'apiAway',
}

interface Facts {
  /** The purse's own words. */
  sentence: string
  retryAfter?: number | undefined
}

/** Says what went wrong and what to do, with the request id where there is one. */
export function explainError(error: unknown, texts: Texts): string {
  if (error instanceof MemoryAwayError) return texts.trouble.memoryAway
  if (error instanceof Problem) return inWords(error.code, { sentence: error.message }, texts)
  if (!(error instanceof ApiError)) return texts.trouble.broken
  const { code, request_id: requestId } = error.problem
  const facts = { sentence: sentenceOf(error), retryAfter: error.retryAfter }
  const words = inWords(code, facts, texts)
  return requestId === '' ? words : `${words}\n${texts.common.requestId(requestId)}`
}

function inWords(code: string, facts: Facts, texts: Texts): string {
  const { trouble } = texts
  const kind = troubleOf[code as ProblemCode] as Trouble | undefined
  if (kind === undefined || kind === 'refused') return trouble.refused(facts.sentence)
  if (kind === 'denied') return trouble.denied(rolesIn(facts.sentence, texts))
  if (kind === 'limited') return trouble.limited(facts.retryAfter)
  return trouble[kind]
}

/** What is wrong with each field says more than that some are wrong. */
function sentenceOf({ problem: { detail, title, errors } }: ApiError): string {
  const messages = (errors ?? []).map(({ message }) => message)
  return messages.length > 0 ? messages.join('; ') : detail || title
}

/** The roles that a refusal names as those that may. */
function rolesIn(sentence: string, { family }: Texts): string | undefined {
  const named = new Set(
    [...sentence.matchAll(/\(which ([\w, ]+) have\)/g)].flatMap(([, list = '']) => list.split(', ')),
  )
  const may = roles.filter((role) => named.has(role))
  return may.length === 0 ? undefined : may.map((role) => family.role[role]).join(', ')
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
