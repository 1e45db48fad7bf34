import { inTransaction, type Tx } from '@common-purse/kit/database'
import { type IdempotentRequest, runIdempotent } from '@common-purse/kit/idempotency'
import { enqueue, type Change, type Origin, toEvent } from '@common-purse/kit/outbox'
import type { Relay } from '@common-purse/kit/relay'
import type pg from 'pg'

/** Runs a change in one transaction with its events, and sends these on their way after the commit. */
export type Commit = <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>

/** The same, at most once per idempotency key; the answer of an earlier run is given again. */
export type CommitOnce = <Body>(
  request: IdempotentRequest | undefined,
  status: number,
  work: (tx: Tx) => Promise<Body>,
) => Promise<{ body: Body; status: number; replayed: boolean }>

export function createCommits(pool: pg.Pool, relay: Relay): { commit: Commit; commitOnce: CommitOnce } {
  return {
    commit: async (work) => {
      const result = await inTransaction(pool, work)
      relay.wake()
      return result
    },
    commitOnce: async <Body>(
      request: IdempotentRequest | undefined,
      status: number,
      work: (tx: Tx) => Promise<Body>,
    ) => {
      const answer = await runIdempotent(pool, request, async (tx) => ({ status, body: await work(tx) }))
      relay.wake()
      return { ...answer, body: answer.body as Body }
    },
  }
}

/** Writes the events of a change into the outbox, in this order. */
export const emit = (tx: Tx, origin: Origin, changes: readonly Change[], now = new Date()): Promise<void> =>
  enqueue(
    tx,
    changes.map((change) => toEvent('auth', origin, change, now)),
  )
