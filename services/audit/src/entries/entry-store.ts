import type { Tx } from '@common-purse/kit/database'
import { genesisHash } from '../chain/hash-entry.ts'
import type { Append, Arrival, ChainEnd } from './decide-append.ts'
import { contentOf, type EntryRow, toEntry } from './entry.ts'

interface HeadRow {
  family_id: string
  seq: string
  hash: string
  now: Date
}

export interface LockedChains {
  ends: Map<string, ChainEnd>
  /** When they were taken, by the database's clock: one for all replicas, whatever their machines' say. */
  at: Date
}

/** Takes the families' chains for this transaction, in one order for everybody; a new family's chain begins here. */
export async function lockChains(tx: Tx, familyIds: string[]): Promise<LockedChains> {
  const rows = await tx.query<HeadRow>(
    `INSERT INTO chain_heads (family_id, seq, hash)
     SELECT id, 0, $2 FROM unnest($1::uuid[]) AS id ORDER BY id
     ON CONFLICT (family_id) DO UPDATE SET seq = chain_heads.seq
     RETURNING family_id, seq, hash, clock_timestamp() AS now`,
    [familyIds, genesisHash],
  )
  return {
    ends: new Map(rows.map(({ family_id, seq, hash }) => [family_id, { seq: Number(seq), hash }])),
    at: rows.at(-1)!.now,
  }
}

/** What the trail holds of these events already, whatever family they are under. */
export async function findArrivals(tx: Tx, eventIds: string[]): Promise<Map<string, Arrival>> {
  const rows = await tx.query<EntryRow & { family_id: string; version: number }>(
    'SELECT * FROM event_log WHERE event_id = ANY($1::uuid[])',
    [eventIds],
  )
  return new Map(
    rows.map((row) => [
      row.event_id,
      { familyId: row.family_id, version: row.version, content: contentOf(toEntry(row)) },
    ]),
  )
}

/** Writes the new entries and where the chains end now, in one statement. */
export async function insertEntries(tx: Tx, { entries, ends }: Append): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ familyId, version, entry: { id, ...entry } }) => ({
    ...entry,
    event_id: id,
    family_id: familyId,
    version,
  }))
  const heads = [...ends].map(([familyId, end]) => ({ family_id: familyId, ...end }))
  await tx.query(
    `WITH added AS (
       INSERT INTO event_log SELECT * FROM json_populate_recordset(NULL::event_log, $1::json)
     )
     UPDATE chain_heads AS head SET seq = new_end.seq, hash = new_end.hash
     FROM json_populate_recordset(NULL::chain_heads, $2::json) AS new_end
     WHERE head.family_id = new_end.family_id`,
    [JSON.stringify(rows), JSON.stringify(heads)],
  )
}
