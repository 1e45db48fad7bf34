import { createHash } from 'node:crypto'
import { Problem, type ProblemCode, type ProblemExtras, problems } from '@common-purse/contracts'
import type pg from 'pg'
import { inTransaction, type Tx } from './database.ts'

/** The key a client gave, the family it counts in, and a hash of method, target and body. */
export interface IdempotentRequest {
  familyId: string
  key: string
  fingerprint: string
  /** Other fingerprints of this same request: what it was stored as before a key that goes into them was changed. */
  alsoAs?: readonly string[]
}

/** A hash that tells one request from another under the same key: what is asked, by whom, byte for byte. */
export function fingerprintOf(request: {
  method: string
  /** As it stood in the request line. */
  target: string
  userId: string
  body: Uint8Array
}): string {
  const { method, target, userId, body } = request
  return createHash('sha256').update(`${method} ${target}\n${userId}\n`).update(body).digest('hex')
}

/** For how long a key is remembered unless told. */
const KEEP_SECONDS = 86_400

export interface StoredAnswer {
  status: number
  body: unknown
}

export type IdempotentAnswer = StoredAnswer & { replayed: boolean }

interface StoredRow {
  fingerprint: string
  status: number
  body: unknown
}

/**
 * Runs a change at most once per key, in one transaction with its record: a repeat gets the stored answer, a refusal
 * stays the same refusal, another request under the same key 422, and one that is still running 409. A key that is
 * older than `keepSeconds` was never used.
 */
export async function runIdempotent(
  pool: pg.Pool,
  request: IdempotentRequest | undefined,
  work: (tx: Tx) => Promise<StoredAnswer>,
  keepSeconds = KEEP_SECONDS,
): Promise<IdempotentAnswer> {
  if (!request) return { ...(await inTransaction(pool, work)), replayed: false }
  try {
    return await inTransaction(pool, async (tx) => {
      const stored = await claim(tx, request, keepSeconds)
      if (stored) return { ...stored, replayed: true }
      const answer = await work(tx)
      await remember(tx, request, answer)
      return { ...answer, replayed: false }
    })
  } catch (error) {
    if (!(error instanceof Problem) || !isLastingRefusal(error)) throw error
    return await keepRefusal(pool, request, error, keepSeconds)
  }
}

const ownCodes: ProblemCode[] = ['request_in_progress', 'idempotency_key_reused']

/** Refusals of the business are kept; those about the request's form or our own trouble are not. */
const isLastingRefusal = ({ code }: Problem): boolean =>
  [403, 404, 409].includes(problems[code].status) && !ownCodes.includes(code)

async function claim(
  tx: Tx,
  request: IdempotentRequest,
  keepSeconds: number,
): Promise<StoredAnswer | undefined> {
  const [row] = await tx.query<{ free: boolean } & Partial<StoredRow>>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || $2, 42)) AS free`,
    [request.familyId, request.key],
  )
  const stored = await findStored(tx, request, keepSeconds)
  if (stored) return stored
  if (!row?.free)
    throw new Problem('request_in_progress', 'The first request with this key is still running', {
      retryAfter: 1,
    })
  return undefined
}

/**
 * The answer that a key has already, or undefined when it was not used within `keepSeconds`. Throws a stored refusal,
 * and `idempotency_key_reused` when it was used for another request.
 */
export async function findStored(
  tx: Tx,
  request: IdempotentRequest,
  keepSeconds = KEEP_SECONDS,
): Promise<StoredAnswer | undefined> {
  const [stored] = await tx.query<StoredRow>(
    `SELECT fingerprint, status, body FROM idempotency_keys
     WHERE family_id = $1::uuid AND key = $2 AND created_at > clock_timestamp() - make_interval(secs => $3)`,
    [request.familyId, request.key, keepSeconds],
  )
  if (!stored) return undefined
  if (![request.fingerprint, ...(request.alsoAs ?? [])].includes(stored.fingerprint))
    throw new Problem(
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request; take a new one',
    )
  if (stored.status >= 400) throw refusalFrom(stored)
  return { status: stored.status, body: stored.body }
}

/** A refusal that is a repeat; the answer says so by a header, as for a success. */
export const replayedRefusals = new WeakSet<Problem>()

function refusalFrom({ body }: StoredRow): Problem {
  const { code, detail, extras } = body as { code: ProblemCode; detail: string; extras: ProblemExtras }
  const problem = new Problem(code, detail, extras)
  replayedRefusals.add(problem)
  return problem
}

/** Stores the answer; what is there by now is too old to count, and makes room. */
async function remember(tx: Tx, request: IdempotentRequest, answer: StoredAnswer): Promise<void> {
  const values = [request.familyId, request.key]
  const insert = () =>
    tx.query(
      `INSERT INTO idempotency_keys (family_id, key, fingerprint, status, body)
       VALUES ($1::uuid, $2, $3, $4, $5::json) ON CONFLICT (family_id, key) DO NOTHING RETURNING key`,
      [...values, request.fingerprint, answer.status, JSON.stringify(answer.body ?? null)],
    )
  if ((await insert()).length === 1) return
  await tx.query('DELETE FROM idempotency_keys WHERE family_id = $1::uuid AND key = $2', values)
  await insert()
}

/** The refused work was rolled back, so its record is written by itself; whoever was faster wins. */
async function keepRefusal(
  pool: pg.Pool,
  request: IdempotentRequest,
  refusal: Problem,
  keepSeconds: number,
): Promise<IdempotentAnswer> {
  if (replayedRefusals.has(refusal)) throw refusal
  const { errors, members } = refusal.extras
  const body = { code: refusal.code, detail: refusal.message, extras: { errors, members } }
  const earlier = await inTransaction(pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2, 42))', [
      request.familyId,
      request.key,
    ])
    const stored = await findStored(tx, request, keepSeconds)
    if (!stored) await remember(tx, request, { status: problems[refusal.code].status, body })
    return stored
  })
  if (!earlier) throw refusal
  return { ...earlier, replayed: true }
}

const FORGOTTEN_AT_ONCE = 1_000

/**
 * Deletes keys that are older than `seconds`, a part at a time, so that no lock is held for long. Answers how many.
 * Several may do it at once. The role needs DELETE on the table.
 */
export async function forgetOldKeys(pool: pg.Pool, seconds: number): Promise<number> {
  for (let forgotten = 0; ;) {
    const { rowCount } = await pool.query(
      `DELETE FROM idempotency_keys WHERE (family_id, key) IN (
         SELECT family_id, key FROM idempotency_keys
         WHERE created_at < clock_timestamp() - make_interval(secs => $1)
         ORDER BY created_at LIMIT ${FORGOTTEN_AT_ONCE})
       AND created_at < clock_timestamp() - make_interval(secs => $1)`,
      [seconds],
    )
    forgotten += rowCount ?? 0
    if ((rowCount ?? 0) < FORGOTTEN_AT_ONCE) return forgotten
  }
}
