import type { Poison } from '@common-purse/kit/consume'
import type pg from 'pg'

/** Keeps a message that can never be processed, once, with the reason. */
export const keepAside =
  (pool: pg.Pool) =>
  async (poison: Poison): Promise<void> => {
    await pool.query(
      `INSERT INTO unreadable_events (stream, stream_seq, subject, raw, reason)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (stream, stream_seq) DO NOTHING`,
      [
        poison.stream,
        poison.streamSeq,
        poison.subject,
        Buffer.from(poison.raw),
        poison.reason.replaceAll('\0', ''),
      ],
    )
  }

export async function unreadableCount(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM unreadable_events')
  return Number(rows[0]?.count ?? 0)
}
