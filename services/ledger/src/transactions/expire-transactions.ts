import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, type Tx } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import type { Clock } from '../clock.ts'
import { lockAccountsOf, release } from './resolve-transaction.ts'
import { lockOverdue } from './transaction-store.ts'

const BATCH_MAX = 100

/** Ends the waiting of one whose time is over; false when somebody was faster, or has it in hand. */
export async function expireTransaction(
  tx: Tx,
  familyId: string,
  { id, now }: { id: string; now: Date },
): Promise<boolean> {
  const transaction = await lockOverdue(tx, familyId, { id, now })
  if (!transaction) return false
  const accounts = await lockAccountsOf(tx, transaction)
  await release(tx, { familyId }, { transaction, accounts }, { status: 'expired', at: now })
  return true
}

export interface ExpiryParts extends Pick<Clock, 'now'> {
  pool: pg.Pool
  logger: Logger
  /** Tells the relay that events were written. */
  wake(): void
  /** How long to wait before looking again. */
  everySeconds: number
}

/** Ends the waiting of transactions whose time is over; several replicas may run it at once. */
export function startExpiry({ pool, logger, wake, everySeconds, now: clock }: ExpiryParts) {
  const stopping = new AbortController()
  const again = (error: unknown) =>
    logger.warn({ err: (error as Error).message }, 'Expiry will be tried again')

  /** One that cannot be ended now does not hold up the others. Answers how many were ended. */
  const round = async (): Promise<number> => {
    const now = clock()
    const { rows } = await pool.query<{ family_id: string; id: string }>(
      `SELECT family_id, id FROM transactions WHERE status = 'pending_approval' AND expires_at <= $1
       ORDER BY expires_at LIMIT $2`,
      [now, BATCH_MAX],
    )
    let ended = 0
    for (const { family_id, id } of rows) {
      if (stopping.signal.aborted) break
      const expired = await inTransaction(pool, (tx) => expireTransaction(tx, family_id, { id, now })).catch(
        again,
      )
      if (!expired) continue
      ended++
      logger.info({ id }, 'A transaction expired')
    }
    if (ended > 0) wake()
    return ended
  }

  const run = async () => {
    while (!stopping.signal.aborted) {
      const ended = await round().catch(again)
      if (ended !== BATCH_MAX)
        await sleep(everySeconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
