import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import type pg from 'pg'

export interface KeepOptions {
  pool: pg.Pool
  /** How long a line is kept, at least; it goes with its month. */
  days: number
  metrics: RequestMetrics
  logger: Logger
}

const EVERY_MS = 60 * 60_000
const RETRY_MS = 60_000

/**
 * Makes the access log's partitions ahead and drops what is older than so many days: now and every hour. Replicas may all do
 * so; one of them works and the others find nothing to do.
 */
export function keepAccessPartitions({ pool, days, metrics, logger }: KeepOptions): {
  stop(): Promise<void>
} {
  addGauges(metrics, pool)
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const work = async () => {
    await pool.query('SELECT make_access_partitions()')
    // A statement of its own: dropping must not wait while it holds what making needs.
    const { rows } = await pool.query<{ dropped: number }>('SELECT drop_access_partitions($1) AS dropped', [
      days,
    ])
    const dropped = rows[0]?.dropped ?? 0
    if (dropped > 0) logger.info({ dropped, days }, 'Months of the access log were dropped')
  }

  const run = async (): Promise<void> => {
    const pause = await work().then(
      () => EVERY_MS,
      (error: unknown) => {
        if (!stopped) logger.warn({ err: (error as Error).message }, 'The access log could not be tidied yet')
        return RETRY_MS
      },
    )
    if (!stopped) timer = setTimeout(() => void (running = run()), pause)
  }
  let running = run()

  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** How far the access log reaches, in seconds. */
interface Reach {
  /** Since the oldest partition's beginning. */
  oldest: number
  /** Until the newest partition ends. */
  ahead: number
  /** Lines whose time has no partition. */
  outside: number
}

async function readReach(pool: pg.Pool): Promise<Reach> {
  const { rows } = await pool.query<Reach>(
    `SELECT coalesce(extract(epoch FROM now() - min(month)), 0)::float AS oldest,
       coalesce(extract(epoch FROM max(month) + interval '1 month' - now()), 0)::float AS ahead,
       (SELECT count(*) FROM access_log_outside)::int AS outside
     FROM (
       SELECT CASE WHEN relname ~ '^access_log_[0-9]{6}$'
         THEN to_date(right(relname, 6), 'YYYYMM')::timestamp AT TIME ZONE 'UTC' END AS month
       FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'access_log'::regclass
     ) AS partitions`,
  )
  return rows[0]!
}

function addGauges({ gauge }: RequestMetrics, pool: pg.Pool): void {
  const read = (value: keyof Reach) => async () => (await readReach(pool))[value]
  gauge('audit_access_oldest_seconds', 'Age of the oldest partition of the access log', read('oldest'))
  gauge('audit_access_ahead_seconds', 'Until the access log has no partition', read('ahead'))
  gauge('audit_access_lines_outside', 'Access lines whose time has no partition', read('outside'))
}
