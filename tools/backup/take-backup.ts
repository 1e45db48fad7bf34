import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import pg from 'pg'
import { failure } from '../launcher/failure.ts'
import { elapsed } from '../launcher/say.ts'
import type { PackagePlace } from '../servers/debian-packages.ts'
import { databaseServices } from '../start/databases.ts'
import { writeHeads } from './chain-heads.ts'
import { findClientProgram } from './client-program.ts'
import { describeFile, type Manifest, MANIFEST } from './manifest.ts'
import { runClient } from './run-client.ts'

/** Of one snapshot, which nobody's writing waits for. */
interface Facts {
  snapshot: string
  taken_at: Date
  version: string
  database: string
}

/**
 * Writes one consistent backup of the whole database at `url` into the folder, which must not be there or be empty, and
 * answers its manifest. People can go on. What is there under that name is always a whole backup.
 */
export async function takeBackup(url: string, folder: string, place: PackagePlace): Promise<Manifest> {
  const dir = resolve(folder)
  requireVacant(dir)
  const sql = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await sql.connect()
  const unfinished = join(dirname(dir), `.${basename(dir)}.unfinished`)
  try {
    const facts = await openSnapshot(sql)
    const program = await findClientProgram('pg_dump', [facts.version], place)
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true, mode: 0o700 })
    const dump = join(unfinished, 'database.dump')
    const heads = join(unfinished, 'heads.ndjson')
    place.say(`reading ${facts.database} with pg_dump ${program.version} from ${program.from}`)
    const args = ['--format=custom', `--snapshot=${facts.snapshot}`, '--no-password']
    await runClient(program, { args, url, to: dump, signal: place.signal })
    const manifest: Manifest = {
      format: 1,
      taken_at: facts.taken_at.toISOString(),
      database: facts.database,
      postgres: facts.version,
      pg_dump: program.version,
      migrations: await appliedMigrations(sql),
      chains: await writeHeads(sql, heads),
      files: { 'database.dump': await describeFile(dump), 'heads.ndjson': await describeFile(heads) },
    }
    writeFileSync(join(unfinished, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 })
    if (existsSync(dir)) rmSync(dir, { recursive: true })
    renameSync(unfinished, dir)
    place.say(`the backup is complete after ${elapsed()} s`)
    return manifest
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
    await sql.end().catch(() => undefined)
  }
}

function requireVacant(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw failure(`${dir} is not empty.`, 'Give each backup a folder of its own: nothing is written over.')
}

async function openSnapshot(sql: pg.Client): Promise<Facts> {
  await sql.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
  // It stays open for as long as pg_dump reads.
  await sql.query('SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0')
  const { rows } = await sql.query<Facts>(
    `SELECT pg_export_snapshot() AS snapshot, now() AS taken_at, current_database() AS database,
       split_part(current_setting('server_version'), ' ', 1) AS version`,
  )
  return rows[0]!
}

export async function appliedMigrations(sql: pg.ClientBase): Promise<Manifest['migrations']> {
  const named: Partial<Manifest['migrations']> = {}
  for (const service of databaseServices) {
    const { rows } = await sql.query<{ migration_name: string }>(
      `SELECT migration_name FROM ${service}._prisma_migrations
       WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
    )
    named[service] = rows.map(({ migration_name }) => migration_name)
  }
  return named as Manifest['migrations']
}
