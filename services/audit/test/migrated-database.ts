import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateService, serviceUrl } from '@common-purse/kit/migrate'
import pg from 'pg'
import { required } from '../../../tests/support/settings.ts'

const migrationsDir = join(import.meta.dirname, '../prisma/migrations')

/** A database with some of the migrations. */
export interface Migrated {
  /** Superuser. */
  admin: pg.Client
  /** As the service's own role. */
  ownUrl: string
  migrateAll(): Promise<void>
  drop(): Promise<void>
}

/** A database of its own with the migrations up to a name. */
export async function startDatabase(before = '9'): Promise<Migrated> {
  const name = `purse_test_${randomUUID().replaceAll('-', '')}`
  const server = new pg.Client({ connectionString: required('TEST_DATABASE_URL') })
  await server.connect()
  await server.query(`CREATE DATABASE ${name}`)
  const url = new URL(required('TEST_DATABASE_URL'))
  url.pathname = name
  const some = mkdtempSync(join(tmpdir(), 'purse-migrations-'))
  for (const folder of readdirSync(migrationsDir))
    if (folder < before) cpSync(join(migrationsDir, folder), join(some, folder), { recursive: true })
  const password = required('TEST_ROLE_PASSWORD')
  const migrate = (dir: string) =>
    migrateService({ adminUrl: url.href, service: 'audit', migrationsDir: dir, password })
  await migrate(some)
  rmSync(some, { recursive: true })
  const admin = new pg.Client({ connectionString: url.href, options: '-c search_path=audit' })
  await admin.connect()
  const drop = async () => {
    await admin.end()
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await server.end()
  }
  return {
    admin,
    ownUrl: serviceUrl(url.href, 'audit', password),
    migrateAll: () => migrate(migrationsDir),
    drop,
  }
}
