import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { FaultHouse } from './house.ts'

/** What has to arrive, and what has arrived. */
const counts = `SELECT
  (SELECT count(*) FROM auth.outbox) + (SELECT count(*) FROM ledger.outbox) + (SELECT count(*) FROM audit.outbox) AS events,
  (SELECT count(*) FROM auth.outbox WHERE published_at IS NULL)
    + (SELECT count(*) FROM ledger.outbox WHERE published_at IS NULL)
    + (SELECT count(*) FROM audit.outbox WHERE published_at IS NULL) AS waiting,
  (SELECT count(*) FROM audit.event_log) AS entries, (SELECT count(*) FROM audit.access_log) AS lines`

interface Counts {
  events: string
  waiting: string
  entries: string
  lines: string
}

/** Longer than a redelivery, and than a batch of access lines. */
const QUIET_MS = 6_000

/**
 * Waits until everything that was committed has arrived and nothing more comes; at most `withinMs`, since what is
 * missing then is for the checker to name. Answers how long it took until the last arrival.
 */
export async function settle(
  house: Pick<FaultHouse, 'withSql'>,
  withinMs: number,
  quietMs = QUIET_MS,
): Promise<number> {
  const startedAt = Date.now()
  let last = ''
  let changedAt = startedAt
  for (;;) {
    const now = await house.withSql(readCounts)
    if (JSON.stringify(now) !== last) changedAt = Date.now()
    last = JSON.stringify(now)
    // More are in the trail where a restored database has lost some.
    const complete = now.waiting === '0' && Number(now.entries) >= Number(now.events)
    const quiet = Date.now() - changedAt >= quietMs
    if ((complete && quiet) || Date.now() - startedAt > withinMs) return changedAt - startedAt
    await sleep(300)
  }
}

const readCounts = async (sql: pg.Client) => (await sql.query<Counts>(counts)).rows[0]!
