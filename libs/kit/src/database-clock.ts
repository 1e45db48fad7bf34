import { createHouseClock, type HouseClock, type OwnClocks } from './house-clock.ts'
import type { Logger } from './logger.ts'

export interface DatabaseClock extends Pick<HouseClock, 'now'> {
  stop(): void
}

interface Database {
  query(sql: string): Promise<{ rows: unknown[] }>
}

const LOOK_EVERY_MS = 10_000
const PATIENCE_MS = 2_000

/**
 * Follows the database's clock, which is the same for every replica of a service: asks it now and then, and at once when this
 * machine's own has moved by itself. Resolves with the first answer, or after two seconds without one.
 */
export async function followDatabaseClock(
  pool: Database,
  logger: Pick<Logger, 'warn'>,
  clocks?: OwnClocks,
): Promise<DatabaseClock> {
  let looking: Promise<void> | undefined
  const clock = createHouseClock(logger, () => void ask(), clocks)
  const look = async () => {
    const at = clock.steadyMs()
    const { rows } = await pool.query('SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS ms')
    clock.learn((rows[0] as { ms: number }).ms, { at, answeredAt: clock.steadyMs() })
  }
  // A database that is away says nothing of the time: what is known is counted on.
  const ask = () =>
    (looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined)))
  const timer = setInterval(() => void ask(), LOOK_EVERY_MS)
  timer.unref()
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS).unref())
  await Promise.race([ask(), patience])
  return { now: clock.now, stop: () => clearInterval(timer) }
}
