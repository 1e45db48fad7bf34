import type { RequestMetrics } from '@common-purse/kit/metrics'
import type pg from 'pg'

/** Shows as metrics how many transactions wait for approval, and for how long one has waited beyond its time. */
export function watchPending(pool: pg.Pool, { gauge }: Pick<RequestMetrics, 'gauge'>): void {
  const read = async (sql: string) => {
    const { rows } = await pool.query<{ value: number }>(
      `SELECT ${sql} AS value FROM transactions WHERE status = 'pending_approval'`,
    )
    return rows[0]!.value
  }
  gauge('ledger_pending_approvals', 'Transactions that wait for approval', () => read('count(*)::int'))
  gauge('ledger_pending_overdue_seconds', 'Since the first that still waits should have expired', () =>
    read('greatest(0, coalesce(extract(epoch FROM now() - min(expires_at)), 0))::float'),
  )
}
