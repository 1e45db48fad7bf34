import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { withSql } from './with-sql.ts'

const inDatabase = (url: string, name: string): string =>
  Object.assign(new URL(url), { pathname: `/${encodeURIComponent(name)}` }).href

export const nameOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

/** From where the database itself can be made and renamed. */
const maintenance = (url: string) => inDatabase(url, 'postgres')

const quoted = (name: string) => pg.escapeIdentifier(name)

/** Makes the database where it is missing. */
export async function requireDatabase(url: string): Promise<void> {
  await withSql(maintenance(url), async (sql) => {
    const { rowCount } = await sql.query('SELECT FROM pg_database WHERE datname = $1', [nameOf(url)])
    if (!rowCount) await sql.query(`CREATE DATABASE ${quoted(nameOf(url))}`)
  })
}

/**
 * Lets `fill` fill a new database beside the one at `url`, and then puts it in its place: that one keeps its rows under
 * the name that is answered. Services that use it lose their connections once and find the new one. When `fill` throws,
 * nothing has changed.
 */
export async function replaceDatabase(url: string, fill: (url: string) => Promise<void>): Promise<string> {
  const name = nameOf(url)
  const filling = `${name}_restoring`
  const kept = `${name}_before_${new Date().toISOString().replaceAll(/[-:]|\..*/g, '')}`
  return await withSql(maintenance(url), async (sql) => {
    await sql.query(`DROP DATABASE IF EXISTS ${quoted(filling)} WITH (FORCE)`)
    await sql.query(`CREATE DATABASE ${quoted(filling)}`)
    try {
      await fill(inDatabase(url, filling))
      await withSql(maintenance(url), (renaming) =>
        alone(sql, name, async () => {
          await renaming.query('BEGIN')
          await renaming.query(`ALTER DATABASE ${quoted(name)} RENAME TO ${quoted(kept)}`)
          await renaming.query(`ALTER DATABASE ${quoted(filling)} RENAME TO ${quoted(name)}`)
          await renaming.query('COMMIT')
        }),
      )
      return kept
    } catch (error) {
      await sql.query(`DROP DATABASE IF EXISTS ${quoted(filling)} WITH (FORCE)`).catch(() => undefined)
      throw error
    }
  })
}

const AGAIN_MS = 50

/** While `work` waits for the database to be alone, whoever is connected to it is sent away; new ones wait for `work`. */
async function alone(sql: pg.Client, name: string, work: () => Promise<void>): Promise<void> {
  let done = false
  const working = work().finally(() => (done = true))
  working.catch(() => undefined) // awaited below
  while (!done) {
    await sql.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
    await sleep(AGAIN_MS)
  }
  await working
}
