import type pg from 'pg'
import type { Tx } from './database.ts'
import type { RequestMetrics } from './metrics.ts'
import { isPassing, type Poison, readText, type Verdict, verdictOn } from './poison.ts'

/** Keeps messages that can never be processed, each once, with its reason. */
export async function keepAside(tx: Tx, poisons: readonly Poison[]): Promise<void> {
  const column = <Value>(read: (poison: Poison) => Value) => poisons.map(read)
  await tx.query(
    `INSERT INTO unreadable_events (stream, stream_seq, subject, raw, kind, reason)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::text[], $6::text[])
     ON CONFLICT (stream, stream_seq, digest) DO NOTHING`,
    [
      column(({ stream }) => stream),
      column(({ streamSeq }) => streamSeq),
      column(({ subject }) => subject),
      column(({ raw }) => Buffer.from(raw)),
      column(({ kind }) => kind),
      column(({ reason }) => reason),
    ],
  )
}

/** Shows as a metric how many messages are kept aside and were not processed since. */
export function watchUnreadable(pool: pg.Pool, { gauge }: Pick<RequestMetrics, 'gauge'>): void {
  gauge('unreadable_events', 'Messages kept aside and not replayed yet', async () => {
    const { rows } = await pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM unreadable_events WHERE resolved_at IS NULL',
    )
    return rows[0]!.count
  })
}

export interface Unreadable {
  id: string
  stream: string
  subject: string
  kind: string
  reason: string
  bytes: number
  received_at: Date
}

/** What is kept aside, oldest first, from after `id`, at most a hundred. */
export async function listUnreadable(pool: pg.Pool, after = '0'): Promise<Unreadable[]> {
  const { rows } = await pool.query<Unreadable>(
    `SELECT id, stream, subject, kind, reason, length(raw) AS bytes, received_at FROM unreadable_events
     WHERE resolved_at IS NULL AND id > $1 ORDER BY id LIMIT 100`,
    [after],
  )
  return rows
}

/** Processes one message as its consumer would; must bear repeats. Throws for one that is still wrong. */
export type ReadAgain = (text: string, subject: string) => Promise<void>

/**
 * Processes a message that was kept aside, after what was wrong with it, or with its reader, was put right. It stays where it
 * is, marked as resolved, or with the reason why it is still wrong. Answers that verdict, undefined for success; throws
 * when the database is away.
 */
export async function replayUnreadable(
  pool: pg.Pool,
  id: string,
  read: ReadAgain,
): Promise<Verdict | undefined> {
  const { rows } = await pool.query<{ subject: string; raw: Buffer }>(
    'SELECT subject, raw FROM unreadable_events WHERE id = $1',
    [id],
  )
  if (!rows[0]) throw new Error(`No message is kept aside under the number ${id}`)
  const { subject, raw } = rows[0]
  try {
    await read(readText(raw), subject)
  } catch (error) {
    if (isPassing(error)) throw error
    const verdict = verdictOn(error, 'failing')
    await pool.query(
      'UPDATE unreadable_events SET kind = $2, reason = $3, replayed_at = now() WHERE id = $1',
      [id, verdict.kind, verdict.reason],
    )
    return verdict
  }
  await pool.query('UPDATE unreadable_events SET resolved_at = now(), replayed_at = now() WHERE id = $1', [
    id,
  ])
  return undefined
}
