import type pg from 'pg'
import { inTransaction } from './database.ts'
import type { RequestMetrics } from './metrics.ts'
import type { ReadinessCheck } from './ops.ts'

/** The database is asked this often at most, by whoever wants to know. */
const KNOWN_MS = 5_000
const SAMPLE_MS = 1_000

/**
 * Shows how the pool is used and whether the database takes writes: as metrics, and as a check that is not critical,
 * because reads go on while it does not.
 */
export function watchDatabase(pool: pg.Pool, metrics: RequestMetrics): ReadinessCheck {
  let known: Promise<void> | undefined
  let knownAt = -Infinity
  const check = () => {
    if (known && performance.now() - knownAt < KNOWN_MS) return known
    knownAt = performance.now()
    return (known = requireWrites(pool))
  }
  const usage = sampleUsage(pool)
  metrics.gauges('database_pool_connections', 'Connections to the database by what they do', 'state', () => {
    const { busy, idle } = usage()
    return { busy, idle }
  })
  metrics.gauge('database_pool_connections_max', 'As many connections there may be', () => pool.options.max)
  metrics.gauge('database_pool_waiting', 'Callers that wait for a connection', () => usage().waiting)
  metrics.gauge('database_writable', '1 while the database takes writes and its disk has room', () =>
    check().then(
      () => 1,
      () => 0,
    ),
  )
  return { name: 'postgres_writes', critical: false, check }
}

/** How the pool was used within the last second: while metrics are read they use it themselves. */
function sampleUsage(pool: pg.Pool) {
  const read = () => ({
    busy: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  })
  let last = read()
  const timer = setInterval(() => {
    last = read()
    if (pool.ended) clearInterval(timer)
  }, SAMPLE_MS).unref()
  return () => last
}

/**
 * Throws where writes are refused: by a standby, or by a disk without room. Half a megabyte that does not fit into the memory
 * of a query goes to a file that is gone at the end; no table and no log is written for it.
 */
export const requireWrites = (pool: pg.Pool): Promise<void> =>
  inTransaction(pool, async (tx) => {
    const [row] = await tx.query<{ read_only: string }>(
      `SELECT current_setting('transaction_read_only') AS read_only, set_config('work_mem', '64kB', true)`,
      [],
    )
    if (row?.read_only === 'on') throw new Error('The database takes no writes')
    await tx.query('SELECT count(*) FROM generate_series(1, 30000)', [])
  })
