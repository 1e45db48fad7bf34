import type pg from 'pg'
import type { Logger } from './logger.ts'

/** The time of the database: every replica of a service tells the same, whatever the clock of its own machine says. */
export interface DatabaseClock {
  now(): Date
  stop(): void
}

/** The clocks of this machine, in milliseconds. */
export interface OwnClocks {
  /** Can be set by anybody. */
  wallMs(): number
  /** Cannot, and stands still while the machine sleeps. */
  steadyMs(): number
}

const ownClocks: OwnClocks = { wallMs: () => Date.now(), steadyMs: () => performance.now() }

const LOOK_EVERY_MS = 10_000
const PATIENCE_MS = 2_000
/** Less may be the way of the answer, and is no reason to move. */
const APART_MS = 250
/** So much at once is a clock that was set, or a machine that slept: the database is asked. */
const STEPPED_MS = 1_000

/**
 * Follows the database's clock: asks it now and then, and counts on from its answer with a clock that is never set. Resolves
 * with the first answer, or after two seconds without one; until it comes this machine's own time counts.
 */
export async function followDatabaseClock(
  pool: { query(sql: string): Promise<{ rows: { ms: number }[] }> } | pg.Pool,
  logger: Pick<Logger, 'warn'>,
  clocks: OwnClocks = ownClocks,
): Promise<DatabaseClock> {
  /** What makes the time of day out of the steady clock, as this machine sees it. */
  const ownOffset = () => clocks.wallMs() - clocks.steadyMs()
  let offset = ownOffset()
  let lastOwn = offset
  let looking: Promise<void> | undefined

  const look = async () => {
    const askedAt = clocks.steadyMs()
    const { rows } = await pool.query('SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS ms')
    const answeredAt = clocks.steadyMs()
    const found = (rows[0] as { ms: number }).ms - (askedAt + answeredAt) / 2
    const unsure = answeredAt - askedAt
    if (Math.abs(found - offset) > APART_MS + unsure) offset = found
    const seconds = Math.round((ownOffset() - found) / 1000)
    if (Math.abs(ownOffset() - found) > STEPPED_MS + unsure)
      logger.warn(
        { seconds },
        "This machine's clock is not the database's, which counts; seconds that it is ahead",
      )
  }
  const ask = () => {
    lastOwn = ownOffset()
    // A database that is away says nothing of the time: what is known is counted on.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined))
    return looking
  }
  const timer = setInterval(() => void ask(), LOOK_EVERY_MS)
  timer.unref()

  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS).unref())
  await Promise.race([ask(), patience])
  return {
    now: () => {
      if (Math.abs(ownOffset() - lastOwn) > STEPPED_MS) void ask()
      return new Date(clocks.steadyMs() + offset)
    },
    stop: () => clearInterval(timer),
  }
}
