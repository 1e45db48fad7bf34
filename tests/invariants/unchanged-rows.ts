import pg from 'pg'
import type { Violation } from './check-invariants.ts'

/** What must never change of a row: of an event all but when it was published. */
const rowsOf = {
  postings: `SELECT seq::text AS id, md5(to_jsonb(p)::text) AS hash FROM ledger.postings p`,
  outbox: `SELECT seq::text AS id, md5((to_jsonb(o) - 'published_at')::text) AS hash FROM ledger.outbox o`,
  event_log: `SELECT event_id::text AS id, md5(to_jsonb(e)::text) AS hash FROM audit.event_log e`,
}
type Table = keyof typeof rowsOf
const tables = Object.keys(rowsOf) as Table[]

/** The rows that were there at a moment: a hash of each. */
export type Moment = Record<Table, Map<string, string>>

/** Remembers what is committed now; others may be writing meanwhile. */
export async function rememberRows(sql: pg.Client): Promise<Moment> {
  const moment = {} as Moment
  for (const table of tables) {
    const { rows } = await sql.query<{ id: string; hash: string }>(rowsOf[table])
    moment[table] = new Map(rows.map(({ id, hash }) => [id, hash]))
  }
  return moment
}

/** I9: what was there at the moment is there still, and the same. */
export async function checkUnchanged(sql: pg.Client, before: Moment): Promise<Violation[]> {
  const now = await rememberRows(sql)
  return tables.flatMap((table): Violation[] => {
    const ids = [...before[table]].filter(([id, hash]) => now[table].get(id) !== hash).map(([id]) => id)
    return ids.length === 0 ? [] : [{ invariant: 'I9', what: `rows of ${table} are what they were`, ids }]
  })
}

/** What a service's role is tempted to do to rows that are insert-only. */
const attemptsAt = (table: string, column: string) => [
  `UPDATE ${table} SET ${column} = ${column}`,
  `UPDATE ${table} SET ${column} = ${column} WHERE false`,
  `DELETE FROM ${table}`,
  `TRUNCATE ${table}`,
  `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
  "SET session_replication_role = 'replica'",
]

const insertOnly = {
  ledger: { table: 'ledger.postings', column: 'amount' },
  audit: { table: 'audit.event_log', column: 'reason' },
}

/** I9: tries, as the role of that service at `url`, to change what is insert-only; answers what was not refused. */
export async function checkRole(url: string, service: keyof typeof insertOnly): Promise<Violation[]> {
  const { table, column } = insertOnly[service]
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const done: string[] = []
  for (const attempt of attemptsAt(table, column)) {
    await client.query('BEGIN')
    const code = await client.query(attempt).then(
      () => undefined,
      (error: pg.DatabaseError) => error.code,
    )
    await client.query('ROLLBACK')
    if (code !== '42501') done.push(`${attempt}: ${code ?? 'done'}`)
  }
  await client.end()
  return done.length === 0 ? [] : [{ invariant: 'I9', what: `the role may not change ${table}`, ids: done }]
}
