import type { Tx } from '@common-purse/kit/database'
import { runIdempotent, type StoredAnswer } from '@common-purse/kit/idempotency'
import type { Incoming, Reply } from '@common-purse/kit/service-app'
import type pg from 'pg'
import type { PrismaClient } from './generated/client.ts'
import type { SubmitDeps } from './transactions/submit-transaction.ts'
import type { PostPlain } from './write-path/write-path.ts'

/** What the ledger's endpoints are made from. */
export interface LedgerParts extends SubmitDeps {
  pool: pg.Pool
  prisma: PrismaClient
  /** The short way of a transaction that is plainly allowed. */
  postPlain: PostPlain
  /** For how long an Idempotency-Key counts. */
  keepSeconds: number
  /** Tells the relay that events were written. */
  wake(): void
}

/** Runs a change in one transaction with the client's key, and wakes the relay for its events. */
export type Change = <Body>(
  incoming: Pick<Incoming<'submitTransaction'>, 'idempotency'>,
  status: number,
  work: (tx: Tx) => Promise<Body>,
) => Promise<Reply<Body>>

export const createChange =
  ({ pool, wake, keepSeconds }: Pick<LedgerParts, 'pool' | 'wake' | 'keepSeconds'>): Change =>
  async <Body>(
    { idempotency }: Pick<Incoming<'submitTransaction'>, 'idempotency'>,
    status: number,
    work: (tx: Tx) => Promise<Body>,
  ): Promise<Reply<Body>> => {
    const once = async (tx: Tx): Promise<StoredAnswer> => ({ status, body: await work(tx) })
    const answer = await runIdempotent(pool, idempotency, once, keepSeconds)
    wake()
    return { body: answer.body as Body, status: answer.status, replayed: answer.replayed }
  }
