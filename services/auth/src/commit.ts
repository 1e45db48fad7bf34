import { inTransaction, type Tx } from '@common-purse/kit/database'
import { findStored, type IdempotentRequest, runIdempotent } from '@common-purse/kit/idempotency'
import { enqueue, type Change, type Origin, toEvent } from '@common-purse/kit/outbox'
import type { Relay } from '@common-purse/kit/relay'
import type pg from 'pg'
import type { Config } from './config.ts'
import { keyedHashes } from './keys/one-time-secrets.ts'

/** A transaction that knows what time it is: the database's time, which is the same for every replica. */
export interface DatedTx extends Tx {
  now(): Date
}

/** Runs a change in one transaction with its events, and sends these on their way after the commit. */
export type Commit = <Result>(work: (tx: DatedTx) => Promise<Result>) => Promise<Result>

/** The same, at most once per idempotency key; the answer of an earlier run is given again. */
export type CommitOnce = <Body>(
  request: IdempotentRequest | undefined,
  status: number,
  work: (tx: DatedTx) => Promise<Body>,
) => Promise<{ body: Body; status: number; replayed: boolean }>

/** The answer that was given to this very request before, if it was; throws as `CommitOnce` would. */
export type FindEarlier = (
  request: IdempotentRequest | undefined,
) => Promise<{ body: unknown; status: number; replayed: true } | undefined>

type Settings = Pick<Config, 'SIGNATURE_MASTER_SECRETS' | 'IDEMPOTENCY_SECONDS'>

export function createCommits(
  pool: pg.Pool,
  { relay, now }: { relay: Relay; now: () => Date },
  config: Settings,
): { commit: Commit; commitOnce: CommitOnce; findEarlier: FindEarlier } {
  const keepSeconds = config.IDEMPOTENCY_SECONDS
  const keyed = (request: IdempotentRequest) => withoutClues(config.SIGNATURE_MASTER_SECRETS, request)
  return {
    commit: async (work) => {
      const result = await inTransaction(pool, (tx) => work({ ...tx, now }))
      relay.wake()
      return result
    },
    commitOnce: async <Body>(
      request: IdempotentRequest | undefined,
      status: number,
      work: (tx: DatedTx) => Promise<Body>,
    ) => {
      const run = async (tx: Tx) => ({ status, body: await work({ ...tx, now }) })
      const answer = await runIdempotent(pool, request && keyed(request), run, keepSeconds)
      relay.wake()
      return { ...answer, body: answer.body as Body }
    },
    findEarlier: async (request) => {
      if (!request) return undefined
      const stored = await inTransaction(pool, (tx) => findStored(tx, keyed(request), keepSeconds))
      return stored && { ...stored, replayed: true }
    },
  }
}

/**
 * Bodies have passwords and codes in them, and a plain hash of one could be guessed at by whoever reads the table. So
 * the hash is made with a key that is not in the database; requests that an earlier key marked are known too.
 */
function withoutClues(
  masters: Settings['SIGNATURE_MASTER_SECRETS'],
  request: IdempotentRequest,
): IdempotentRequest {
  const [fingerprint, ...alsoAs] = keyedHashes(masters, 'idempotent request', request.fingerprint)
  return { ...request, fingerprint: fingerprint!, alsoAs }
}

/** Writes the events of a change into the outbox, in this order. */
export const emit = (
  tx: DatedTx,
  origin: Origin,
  changes: readonly Change[],
  now = tx.now(),
): Promise<void> =>
  enqueue(
    tx,
    changes.map((change) => toEvent('auth', origin, change, now)),
  )
