import type pg from 'pg'
import type { Bus } from './bus.ts'
import { OUTBOX_BATCH_MAX, type OutboxRow } from './outbox.ts'

/**
 * Sends again what the outbox wrote from an instant on and the bus has taken, in order; answers how many events. Readers drop
 * what they know by its id. The bus gets no id to know it by: it would drop what it took within its duplicate window, though
 * a reader that was restored from a backup lacks it.
 */
export async function republishSince(pool: pg.Pool, bus: Bus, since: Date): Promise<number> {
  let sent = 0
  for (let after = '0'; ;) {
    const { rows } = await pool.query<OutboxRow & { seq: string }>(
      `SELECT seq, id, subject, payload FROM outbox
       WHERE seq > $1 AND created_at >= $2 AND published_at IS NOT NULL ORDER BY seq LIMIT $3`,
      [after, since, OUTBOX_BATCH_MAX],
    )
    if (rows.length === 0) return sent
    await Promise.all(
      rows.map(({ subject, payload }) => bus.js.publish(bus.subject(subject), JSON.stringify(payload))),
    )
    sent += rows.length
    after = rows.at(-1)!.seq
  }
}
