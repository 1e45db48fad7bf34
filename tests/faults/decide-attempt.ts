/** One copy of a request that a client sent, and what came of it. */
export interface Attempt {
  /** For a person: `POST /transactions`. */
  call: string
  /** Milliseconds of Date.now(). */
  startedAt: number
  endedAt: number
  keyId: string
  nonce: string
  /** Seconds, as the signature says. */
  created: number
  traceId: string
  /** Another copy of the same bytes was sent too, so this one may come second. */
  replayed: boolean
  outcome: Outcome
}

interface Answer {
  kind: 'answer'
  status: number
  code: string | undefined
  contentType: string
  retryAfter: string | undefined
  requestId: string
}

export type Outcome = { kind: 'lost'; how: 'refused' | 'broken' | 'left' | 'timeout' } | Answer

/** What was away, and from when to when, in milliseconds of Date.now(). */
export interface Downtime {
  name: string
  from: number
  /** Not yet back. */
  until: number
}

/** Refusals that a client of this load may meet: what it asks can be out of date, or beyond what there is. */
const expected: Record<string, readonly string[]> = {
  409: [
    'insufficient_funds',
    'already_resolved',
    'already_reversed',
    'not_reversible',
    'request_in_progress',
  ],
}

/** Clocks of two processes, and the moment between a signal and its effect. */
const MARGIN_MS = 2_000

type WasAway = (name: string, from: number) => boolean

/**
 * Says what is wrong with how an attempt ended, or nothing. While something is away the answers are 502, 503 and 504 as
 * problems with Retry-After; no answer at all is right only while the gateway itself is away.
 */
export function decideAttempt(attempt: Attempt, downtimes: readonly Downtime[]): string | undefined {
  const { outcome, call } = attempt
  const wasAway: WasAway = (name, from) =>
    downtimes.some(
      (time) =>
        time.name === name && time.from - MARGIN_MS <= attempt.endedAt && from <= time.until + MARGIN_MS,
    )
  if (outcome.kind === 'answer') return decideAnswer(attempt, outcome, wasAway)
  if (outcome.how === 'left') return undefined
  const allowed = outcome.how !== 'timeout' && wasAway('gateway', attempt.startedAt)
  return allowed ? undefined : `${call}: no answer (${outcome.how}) though the gateway was there`
}

function decideAnswer(attempt: Attempt, answer: Answer, wasAway: WasAway): string | undefined {
  const { status, code = '(no code)', contentType, retryAfter } = answer
  if (status < 300) return undefined
  const told = `${attempt.call}: ${status} ${code}`
  if (contentType !== 'application/problem+json') return `${told} as ${contentType}`
  if ([502, 503, 504].includes(status))
    return /^[1-9]\d*$/.test(retryAfter ?? '') ? undefined : `${told} without Retry-After`
  const isExpected =
    status === 401 ? isRefusedSignature(attempt, code, wasAway) : expected[status]?.includes(code)
  return isExpected ? undefined : told
}

/** A copy may come second; and what was signed before Redis came back is refused, because nobody knows what it forgot. */
const isRefusedSignature = ({ replayed, created }: Attempt, code: string, wasAway: WasAway): boolean =>
  (code === 'nonce_reused' && replayed) || (code === 'signature_expired' && wasAway('redis', created * 1000))
