import { asTx } from '@common-purse/kit/database'
import type pg from 'pg'
import type { ChainEnd } from '../entries/decide-append.ts'

export interface FamilyEnd extends ChainEnd {
  familyId: string
}

/** Ends of chains that grew since they were anchored, in the families' order; only those that are an entry's own. */
export async function findUnanchored(
  pool: pg.Pool,
  afterFamily: string,
  limit: number,
): Promise<FamilyEnd[]> {
  const rows = await asTx(pool).query<{ family_id: string; seq: string; hash: string }>(
    `SELECT head.family_id, head.seq, head.hash
     FROM chain_heads AS head
     JOIN event_log AS entry ON entry.family_id = head.family_id AND entry.seq = head.seq AND entry.hash = head.hash
     WHERE head.seq > head.anchored_seq AND head.family_id > $1
     ORDER BY head.family_id LIMIT $2`,
    [afterFamily, limit],
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

/** Remembers how far chains are anchored. The rows are locked in the order in which appending locks them. */
export async function markAnchored(pool: pg.Pool, ends: { familyId: string; seq: number }[]): Promise<void> {
  if (ends.length === 0) return
  await pool.query(
    `WITH anchored AS (
       SELECT head.family_id, place.seq
       FROM chain_heads AS head JOIN unnest($1::uuid[], $2::bigint[]) AS place (family_id, seq) USING (family_id)
       ORDER BY head.family_id FOR UPDATE OF head
     )
     UPDATE chain_heads AS head SET anchored_seq = greatest(head.anchored_seq, anchored.seq)
     FROM anchored WHERE head.family_id = anchored.family_id`,
    [ends.map(({ familyId }) => familyId), ends.map(({ seq }) => seq)],
  )
}

export async function unanchoredCount(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    'SELECT count(*) FROM chain_heads WHERE seq > anchored_seq',
  )
  return Number(rows[0]?.count ?? 0)
}
