import type { Tx } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { findMismatches, listFamilies } from './find-mismatches.ts'

export interface SelfCheckParts {
  db: Tx
  logger: Logger
  metrics: Pick<RequestMetrics, 'gauge'>
  /** From the beginning of one check to the next, of all replicas together; 0 for none. */
  everySeconds: number
}

const LOOK_MS_MAX = 60_000
/** More than these are counted and not logged one by one. */
const LOGGED_MAX = 100

/** Compares the books with themselves now and then. Reports by log and metrics, repairs nothing. */
export function startSelfCheck({ db, logger, metrics, everySeconds }: SelfCheckParts) {
  const last = async (): Promise<{ mismatches: number; finished: number }> => {
    const [row] = await db.query<{ mismatches: number; finished: number }>(
      `SELECT coalesce(mismatches, 0) AS mismatches, coalesce(extract(epoch FROM finished_at), 0)::float AS finished
       FROM self_checks`,
      [],
    )
    return row ?? { mismatches: 0, finished: 0 }
  }
  metrics.gauge(
    'ledger_self_check_mismatches',
    'What did not fit when the books were last compared',
    async () => last().then(({ mismatches }) => mismatches),
  )
  metrics.gauge(
    'ledger_self_check_finished_timestamp_seconds',
    'When the books were last compared, Unix time',
    async () => last().then(({ finished }) => finished),
  )
  let stopped = false
  const isStopped = () => stopped
  let running: Promise<void> = Promise.resolve()
  const look = () => {
    running = running
      .then(async () => {
        if (await claim(db, everySeconds)) await checkAll(db, logger, isStopped)
      })
      .catch((error: Error) => logger.warn({ err: error.message }, 'The self-check will be tried again'))
  }
  const timer = setInterval(look, Math.min(everySeconds * 1000, LOOK_MS_MAX))
  if (everySeconds === 0) clearInterval(timer)
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

/** Whether it is time, and this replica's turn. One that died in the middle is followed by the next in its time. */
async function claim(db: Tx, everySeconds: number): Promise<boolean> {
  const claimed = await db.query(
    `INSERT INTO self_checks AS s (id, started_at) VALUES (1, now())
     ON CONFLICT (id) DO UPDATE SET started_at = now() WHERE s.started_at <= now() - make_interval(secs => $1)
     RETURNING id`,
    [everySeconds],
  )
  return claimed.length === 1
}

async function checkAll(db: Tx, logger: Logger, isStopped: () => boolean): Promise<void> {
  let mismatches = 0
  for await (const family of listFamilies(db)) {
    if (isStopped()) return
    for await (const mismatch of findMismatches(db, family))
      if (++mismatches <= LOGGED_MAX) logger.error({ mismatch }, 'The books do not fit')
  }
  await db.query('UPDATE self_checks SET finished_at = now(), mismatches = $1', [mismatches])
  if (mismatches > 0) logger.error({ mismatches }, 'The self-check found what does not fit; see the runbook')
  else logger.info('The self-check found that the books fit')
}
