import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import type { Clock } from '../clock.ts'
import { expireTransaction } from './resolve-transaction.ts'

const EVERY_MS = 5_000
const BATCH_MAX = 100

/** Ends the waiting of transactions whose time is over; several replicas may run it at once. */
export function startExpiry(pool: pg.Pool, clock: Clock, logger: Logger, wake: () => void) {
  const stopping = new AbortController()
  const expire = expireTransaction(clock)

  const round = async () => {
    const { rows } = await pool.query<{ family_id: string; id: string }>(
      `SELECT family_id, id FROM transactions WHERE status = 'pending_approval' AND expires_at <= $1
       ORDER BY expires_at LIMIT $2`,
      [clock.now(), BATCH_MAX],
    )
    for (const { family_id, id } of rows) {
      if (await inTransaction(pool, (tx) => expire(tx, family_id, id)))
        logger.info({ id }, 'A transaction expired')
    }
    if (rows.length > 0) wake()
  }

  const run = async () => {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) =>
        logger.warn({ err: (error as Error).message }, 'Expiry will be tried again'),
      )
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
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
