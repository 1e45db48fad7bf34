import { asTx } from '@common-purse/kit/database'
import type pg from 'pg'
import type { ChainEnd } from '../entries/decide-append.ts'
import type { StreamEnd } from './watch-stream.ts'

export interface FamilyEnd extends ChainEnd {
  familyId: string
}

interface Page {
  afterFamily: string
  limit: number
  /** Also those that did not grow. */
  all: boolean
}

/** Ends of chains that grew since they were anchored, in the families' order; only those that are an entry's own. */
export async function findUnanchored(pool: pg.Pool, { afterFamily, limit, all }: Page): Promise<FamilyEnd[]> {
  const rows = await asTx(pool).query<{ family_id: string; seq: string; hash: string }>(
    `SELECT head.family_id, head.seq, head.hash
     FROM chain_heads AS head
     JOIN event_log AS entry ON entry.family_id = head.family_id AND entry.seq = head.seq AND entry.hash = head.hash
     WHERE ($3 OR head.seq > head.anchored_seq) AND head.family_id > $1
     ORDER BY head.family_id LIMIT $2`,
    [afterFamily, limit, all],
  )
  return rows.map(({ family_id, seq, hash }) => ({ familyId: family_id, seq: Number(seq), hash }))
}

/** The stored hash at each of these places, by family; a place without an entry has none. */
export async function findHashes(
  pool: pg.Pool,
  places: { familyId: string; seq: number }[],
): Promise<Map<string, string>> {
  const rows = await asTx(pool).query<{ family_id: string; hash: string }>(
    `SELECT family_id, hash FROM event_log
     JOIN unnest($1::uuid[], $2::bigint[]) AS place (family_id, seq) USING (family_id, seq)`,
    [places.map(({ familyId }) => familyId), places.map(({ seq }) => seq)],
  )
  return new Map(rows.map(({ family_id, hash }) => [family_id, hash]))
}

/**
 * Remembers how far chains are anchored, which may be less far than before. What a slower replica sets back is looked at
 * once more. The rows are locked in the order in which appending locks them.
 */
export async function markAnchored(pool: pg.Pool, ends: { familyId: string; seq: number }[]): Promise<void> {
  if (ends.length === 0) return
  await pool.query(
    `WITH anchored AS (
       SELECT head.family_id, place.seq
       FROM chain_heads AS head JOIN unnest($1::uuid[], $2::bigint[]) AS place (family_id, seq) USING (family_id)
       WHERE head.anchored_seq <> place.seq
       ORDER BY head.family_id FOR UPDATE OF head
     )
     UPDATE chain_heads AS head SET anchored_seq = anchored.seq
     FROM anchored WHERE head.family_id = anchored.family_id`,
    [ends.map(({ familyId }) => familyId), ends.map(({ seq }) => seq)],
  )
}

/** How many chains grew since they were anchored; or how many there are at all. */
export async function unanchoredCount(pool: pg.Pool, all: boolean): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    'SELECT count(*) FROM chain_heads WHERE seq > CASE WHEN $1 THEN 0 ELSE anchored_seq END',
    [all],
  )
  return Number(rows[0]?.count ?? 0)
}

/** Seconds since the oldest entry was stored that lies beyond the anchor of its chain; 0 when there is none. */
export async function unanchoredAge(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ age: number }>(
    `SELECT greatest(0, coalesce(extract(epoch FROM now() - min(entry.recorded_at)), 0))::float AS age
     FROM chain_heads AS head
     JOIN event_log AS entry ON entry.family_id = head.family_id AND entry.seq = head.anchored_seq + 1
     WHERE head.seq > head.anchored_seq`,
  )
  return rows[0]!.age
}

/** The stream in which every chain was looked at last. */
export async function findKnownStream(pool: pg.Pool): Promise<StreamEnd | undefined> {
  const { rows } = await pool.query<{ created: string; last_seq: string }>(
    'SELECT created, last_seq FROM anchor_stream',
  )
  return rows[0] && { created: rows[0].created, lastSeq: Number(rows[0].last_seq) }
}

/** `isNew` for another stream than is remembered; a slower replica sets the end of the same one back no more. */
export async function rememberStream(
  pool: pg.Pool,
  { created, lastSeq }: StreamEnd,
  isNew: boolean,
): Promise<void> {
  await pool.query(
    `INSERT INTO anchor_stream AS known (created, last_seq) VALUES ($1, $2)
     ON CONFLICT (one) DO UPDATE SET created = excluded.created, last_seq = excluded.last_seq
     WHERE $3 OR (known.created = excluded.created AND known.last_seq < excluded.last_seq)`,
    [created, lastSeq, isNew],
  )
}
