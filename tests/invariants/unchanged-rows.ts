import pg from 'pg'
import type { Violation } from './check-invariants.ts'

/** The postings and events that were there at a moment, as a hash. */
export interface Moment {
  postings: { upTo: string; hash: string | null }
  outbox: { upTo: string; hash: string | null }
}

/** What must never change of a row: of an event all but when it was published. */
const rowsOf = {
  postings: `SELECT seq, to_jsonb(p)::text AS row FROM ledger.postings p`,
  outbox: `SELECT seq, (to_jsonb(o) - 'published_at')::text AS row FROM ledger.outbox o`,
}

async function hashOf(sql: pg.Client, table: keyof typeof rowsOf, upTo: string): Promise<string | null> {
  const { rows } = await sql.query<{ hash: string | null }>(
    `SELECT md5(string_agg(row, '|' ORDER BY seq)) AS hash FROM (${rowsOf[table]}) r WHERE seq <= $1`,
    [upTo],
  )
  return rows[0]!.hash
}

/** Remembers what is there now; nothing may be writing, or a row with a smaller number could come later. */
export async function rememberRows(sql: pg.Client): Promise<Moment> {
  const of = async (table: keyof typeof rowsOf) => {
    const { rows } = await sql.query<{ upTo: string }>(
      `SELECT coalesce(max(seq), 0) AS "upTo" FROM ledger.${table}`,
    )
    const { upTo } = rows[0]!
    return { upTo, hash: await hashOf(sql, table, upTo) }
  }
  return { postings: await of('postings'), outbox: await of('outbox') }
}

/** I9: what was there at the moment is there still, and the same. */
export async function checkUnchanged(sql: pg.Client, moment: Moment): Promise<Violation[]> {
  const found: Violation[] = []
  for (const table of ['postings', 'outbox'] as const)
    if ((await hashOf(sql, table, moment[table].upTo)) !== moment[table].hash)
      found.push({ invariant: 'I9', what: `rows of ${table} are what they were`, ids: [table] })
  return found
}

const attempts = [
  'UPDATE ledger.postings SET amount = amount + 1',
  'UPDATE ledger.postings SET balance_after = 0 WHERE false',
  'DELETE FROM ledger.postings',
  'TRUNCATE ledger.postings',
  'ALTER TABLE ledger.postings DISABLE TRIGGER ALL',
  "SET session_replication_role = 'replica'",
]

/** I9: tries, as the role of the service at `url`, to change what is insert-only; answers what was not refused. */
export async function checkRole(url: string): Promise<Violation[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const done: string[] = []
  for (const attempt of attempts) {
    await client.query('BEGIN')
    const code = await client.query(attempt).then(
      () => undefined,
      (error: pg.DatabaseError) => error.code,
    )
    await client.query('ROLLBACK')
    if (code !== '42501') done.push(`${attempt}: ${code ?? 'done'}`)
  }
  await client.end()
  return done.length === 0 ? [] : [{ invariant: 'I9', what: 'the role may not change postings', ids: done }]
}
