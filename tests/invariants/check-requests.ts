import type pg from 'pg'
import type { Violation } from './check-invariants.ts'

/** A request as its client knows it. */
export interface SentRequest {
  /** Of the signature; without them the request was not signed. */
  keyId?: string
  nonce?: string
  /** The trace id that it was sent with, its own for each copy. */
  traceId: string
  /** Of its copies more than one may be let through. */
  unguarded?: boolean
  /** Missing when the client never got an answer. */
  answer?: { status: number; requestId: string }
}

const violation = (invariant: 'I11' | 'I12', what: string, ids: string[]): Violation[] =>
  ids.length === 0 ? [] : [{ invariant, what, ids }]

/** I11: what was answered is once in the access log, as it was answered; and nothing is there twice. */
export async function checkAccessLog(sql: pg.Client, sent: readonly SentRequest[]): Promise<Violation[]> {
  const { rows } = await sql.query<{ request_id: string; statuses: number[] }>(
    'SELECT request_id, array_agg(status) AS statuses FROM audit.access_log GROUP BY request_id',
  )
  const logged = new Map(rows.map(({ request_id, statuses }) => [request_id, statuses]))
  const answers = sent.flatMap(({ answer }) => (answer ? [answer] : []))
  const otherwise = answers.filter(({ requestId, status }) => {
    const statuses = logged.get(requestId)
    return statuses !== undefined && !statuses.includes(status)
  })
  const idsOf = (list: typeof answers) => list.map(({ requestId }) => requestId)
  return [
    ...violation(
      'I11',
      'what was answered is in the access log',
      idsOf(answers.filter(({ requestId }) => !logged.has(requestId))),
    ),
    ...violation('I11', 'the access log tells the status that was answered', idsOf(otherwise)),
    ...violation(
      'I11',
      'a request is once in the access log',
      rows.filter(({ statuses }) => statuses.length > 1).map(({ request_id }) => request_id),
    ),
  ]
}

/** Answers that only a service gives, which a request reaches after its nonce was taken. */
const isAccepted = ({ answer }: SentRequest) =>
  answer !== undefined && (answer.status < 300 || [403, 404, 409, 422].includes(answer.status))

/**
 * I12: of all copies of a signed request at most one was let through. A copy whose answer was lost is known by its trace
 * id, which the event of what it changed carries.
 */
export async function checkNonces(sql: pg.Client, sent: readonly SentRequest[]): Promise<Violation[]> {
  const { rows } = await sql.query<{ trace_id: string }>(
    `SELECT DISTINCT substr(payload->>'traceparent', 4, 32) AS trace_id FROM (
       SELECT payload FROM auth.outbox UNION ALL SELECT payload FROM ledger.outbox
       UNION ALL SELECT payload FROM audit.outbox) o`,
  )
  const changed = new Set(rows.map(({ trace_id }) => trace_id))
  const copies = Map.groupBy(
    sent.filter(({ nonce, unguarded }) => nonce !== undefined && !unguarded),
    ({ keyId, nonce }) => `${keyId} ${nonce}`,
  )
  const twice = [...copies].filter(([, group]) => {
    const through = group.filter((copy) => isAccepted(copy) || changed.has(copy.traceId))
    return through.length > 1
  })
  return violation(
    'I12',
    'of the copies of a signed request one at most is let through',
    twice.map(([nonce]) => nonce),
  )
}
