import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type DatabaseService, serviceUrl } from '../../libs/kit/src/migrate.ts'
import { required } from './settings.ts'

export interface TestDatabase {
  /** Superuser, for looking at what the services wrote. */
  adminUrl: string
  /** As the service's own role. */
  urlOf(service: DatabaseService): string
  drop(): Promise<void>
}

/** Runs one statement as the superuser of the test server. */
export async function execute(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: required('TEST_DATABASE_URL') })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

/** A copy of the migrated template: a test file's own database. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const name = `purse_test_${randomBytes(6).toString('hex')}`
  await execute(`CREATE DATABASE ${name} TEMPLATE ${required('TEST_TEMPLATE')}`)
  const url = new URL(required('TEST_DATABASE_URL'))
  url.pathname = name
  return {
    adminUrl: url.href,
    urlOf: (service) => serviceUrl(url.href, service, required('TEST_ROLE_PASSWORD')),
    drop: () => execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}
