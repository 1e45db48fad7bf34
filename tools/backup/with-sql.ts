import pg from 'pg'

/** Opens a connection for as long as `work` runs. */
export async function withSql<Result>(
  url: string,
  work: (sql: pg.Client) => Promise<Result>,
): Promise<Result> {
  const sql = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await sql.connect()
  return await work(sql).finally(() => sql.end().catch(() => undefined))
}
