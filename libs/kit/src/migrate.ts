import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationDirectory } from '@prisma/schema-engine-wasm'
import pg from 'pg'

export type DatabaseService = 'auth' | 'ledger' | 'audit'

export interface MigrateOptions {
  /** URL of a role that may create roles and schemas, with the database in its path. */
  adminUrl: string
  service: DatabaseService
  /** The service's folder `prisma/migrations`. */
  migrationsDir: string
  /** What the service's own role signs in with. */
  password: string
}

/** The role a service signs in as; it can use its own schema and nothing else. */
export const roleOf = (service: DatabaseService): string => `purse_${service}`

/** The same database as `adminUrl`, signed in to as the service's own role. */
export function serviceUrl(adminUrl: string, service: DatabaseService, password: string): string {
  const url = new URL(adminUrl)
  url.username = roleOf(service)
  url.password = encodeURIComponent(password)
  return url.href
}

/** Makes the service's schema and role, then applies its migrations as `prisma migrate deploy` would. */
export async function migrateService(options: MigrateOptions): Promise<void> {
  await prepareSchema(options)
  await applyMigrations(options)
}

async function prepareSchema({ adminUrl, service, password }: MigrateOptions): Promise<void> {
  const role = roleOf(service)
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const secret = client.escapeLiteral(password)
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
    // A role without powers is what CREATE makes; to speak of them again is the superuser's right, and we may be none.
    await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${secret}`)
    await client.query(`ALTER ROLE ${role} SET search_path = ${service}`)
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${service}`)
    await client.query(`REVOKE ALL ON SCHEMA ${service} FROM PUBLIC`)
    await client.query(`GRANT USAGE ON SCHEMA ${service} TO ${role}`)
  } finally {
    await client.end()
  }
}

async function applyMigrations({ adminUrl, service, migrationsDir }: MigrateOptions): Promise<void> {
  // Prisma's own engine, as WebAssembly: the native one would have to be downloaded.
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm')
  const pool = new pg.Pool({ connectionString: adminUrl, options: `-c search_path=${service}`, max: 1 })
  const adapter = withWholeScripts(new PrismaPg(pool, { schema: service }))
  const engine = await SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  )
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: migrationsDir,
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: await readMigrations(migrationsDir),
      },
      filters: { externalTables: [], externalEnums: [] },
    })
  } finally {
    engine.free()
    await pool.end()
  }
}

/** The adapter's own translation of an error, which alone the engine can show; protected, but the only one there is. */
interface Translator {
  onError(error: unknown): never
}

/**
 * Sends a script as the one text that it is, as Prisma's native engine does. The adapter's own way cuts it at every
 * semicolon, also inside comments and function bodies.
 */
function withWholeScripts(factory: PrismaPg): PrismaPg {
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    adapter.executeScript = async (script) => {
      await adapter
        .underlyingDriver()
        .query(script)
        .catch((error: unknown) => (adapter as unknown as Translator).onError(error))
    }
    return adapter
  }
  return factory
}

async function readMigrations(dir: string): Promise<MigrationDirectory[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return await Promise.all(
    names.toSorted().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(dir, name, 'migration.sql'), 'utf8') },
      },
    })),
  )
}
