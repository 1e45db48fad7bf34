import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { roleOf } from '../../libs/kit/src/migrate.ts'
import { failure } from '../launcher/failure.ts'
import { projectRoot } from '../launcher/house.ts'
import type { PackagePlace } from '../servers/debian-packages.ts'
import { databaseServices } from '../start/databases.ts'
import { compareHeads } from './chain-heads.ts'
import { findClientProgram } from './client-program.ts'
import { endAllSessions } from './end-sessions.ts'
import { type Content, unknownMigrations, whatIsThere } from './decide-restore.ts'
import type { Manifest } from './manifest.ts'
import { runClient } from './run-client.ts'
import { withSql } from './with-sql.ts'

export interface Backup {
  dir: string
  manifest: Manifest
}

/** Throws where this release does not know the schema of the backup. */
export function requireKnownSchema({ manifest }: Backup): void {
  const unknown = unknownMigrations(manifest.migrations, ownMigrations())
  if (unknown.length > 0)
    throw failure(
      `The backup was made by a newer release: this one does not know ${unknown.join(', ')}.`,
      'Restore it with the release that made it, or a newer one.',
    )
}

function ownMigrations(): Manifest['migrations'] {
  const of = (service: (typeof databaseServices)[number]) =>
    readdirSync(join(projectRoot, 'services', service, 'prisma', 'migrations'))
  return { auth: of('auth'), ledger: of('ledger'), audit: of('audit') }
}

/** Throws unless the database is empty. */
export async function requireEmpty(url: string, whatToDo: string): Promise<void> {
  const { rows } = await withSql(url, (sql) =>
    sql.query<Content>(
      `SELECT n.nspname AS schema, count(c.oid)::int AS relations
       FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
       WHERE n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'
       GROUP BY n.nspname ORDER BY n.nspname`,
    ),
  )
  const there = whatIsThere(rows)
  if (there) throw failure(`The database is not empty: it has ${there}.`, whatToDo)
}

/**
 * Fills an empty database with the whole of the backup, or leaves it empty; then compares what must fit, and ends the sessions
 * in it.
 */
export async function restoreInto(
  url: string,
  { dir, manifest }: Backup,
  place: PackagePlace,
): Promise<void> {
  const version = await withSql(url, async (sql) => {
    await requireRoles(sql)
    return (await sql.query<{ server_version: string }>('SHOW server_version')).rows[0]!.server_version
  })
  const program = await findClientProgram('pg_restore', [version, manifest.pg_dump], place)
  place.say(`restoring with pg_restore ${program.version} from ${program.from}`)
  const args = ['--no-owner', '--exit-on-error', '--single-transaction', '--no-password']
  const from = join(dir, 'database.dump')
  await runClient(program, { args, url, from, signal: place.signal })
  await withSql(url, async (sql) => {
    await sql.query('ANALYZE') // nothing is known of the rows yet, and every plan would be a guess
    const wrong = await compareHeads(sql, join(dir, 'heads.ndjson'))
    if (wrong.length > 0)
      throw failure(`These chains do not end as the backup says: ${wrong.slice(0, 10).join(', ')}`)
  })
  place.say(`the chains end as the backup says: ${manifest.chains.families}`)
  place.say(`ended all sessions, ${await endAllSessions(url)}: everybody signs in again`)
}

/** Roles belong to the server, not to the database, and what they may do is in the backup. Passwords come with migrating. */
async function requireRoles(sql: pg.Client): Promise<void> {
  for (const role of databaseServices.map(roleOf)) {
    const { rowCount } = await sql.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
    if (!rowCount) await sql.query(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE`)
  }
}
