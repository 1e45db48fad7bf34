import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { Violation } from './check-invariants.ts'

type Json = string | number | boolean | null | Json[] | { [member: string]: Json }

/**
 * RFC 8785 for what JSON can hold: members sorted by their UTF-16 units (what comparing strings does here), numbers and
 * strings as ECMAScript writes them. Written for the checker alone; the service uses a library.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`).join(',')}}`
}

interface EntryRow {
  family_id: string
  seq: string
  prev_hash: string
  hash: string
  entry: Json
}

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** What is hashed of an entry: its members as the API shows them, without the two hashes. */
const entries = `SELECT family_id, seq, prev_hash, hash, jsonb_build_object(
    'id', event_id, 'seq', seq, 'action', action, 'actor_id', actor_id, 'entity_type', entity_type, 'entity_id', entity_id,
    'occurred_at', ${instant('occurred_at')}, 'recorded_at', ${instant('recorded_at')}, 'old_values', old_values,
    'new_values', new_values, 'reason', reason, 'ip', ip, 'client', client, 'session_id', session_id,
    'request_id', request_id, 'trace_id', trace_id) AS entry
  FROM audit.event_log ORDER BY family_id, seq`

interface End {
  seq: number
  hash: string
}

const start: End = { seq: 0, hash: '0'.repeat(64) }

/** I10: each family's chain, hashed anew from its first entry to its head, which has to be where it says. */
export async function checkChains(sql: pg.Client): Promise<Violation[]> {
  const ends = new Map<string, End>()
  const broken = new Set<string>()
  for (const row of (await sql.query<EntryRow>(entries)).rows) {
    const end = ends.get(row.family_id) ?? start
    const hash = createHash('sha256').update(row.prev_hash).update(canonicalJson(row.entry)).digest('hex')
    if (Number(row.seq) !== end.seq + 1 || row.prev_hash !== end.hash || hash !== row.hash)
      broken.add(`${row.family_id} ${end.seq + 1}`)
    ends.set(row.family_id, { seq: Number(row.seq), hash: row.hash })
  }
  const { rows: heads } = await sql.query<{ family_id: string; seq: string; hash: string }>(
    'SELECT family_id, seq, hash FROM audit.chain_heads',
  )
  const known = new Set(heads.map(({ family_id }) => family_id))
  const wrong = heads.filter(({ family_id, seq, hash }) => {
    const end = ends.get(family_id) ?? start
    return Number(seq) !== end.seq || hash !== end.hash
  })
  return [
    ...violation('an entry follows from the one before it', [...broken]),
    ...violation('a chain ends at its head', [
      ...wrong.map(({ family_id }) => family_id),
      ...[...ends.keys()].filter((id) => !known.has(id)),
    ]),
  ]
}

const violation = (what: string, ids: string[]): Violation[] =>
  ids.length === 0 ? [] : [{ invariant: 'I10', what, ids }]
