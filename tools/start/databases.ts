import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { failure, reasonOf } from '../launcher/failure.ts'
import type { House } from '../launcher/house.ts'
import type { Secrets } from '../launcher/secrets.ts'

export const databaseServices = ['auth', 'ledger', 'audit'] as const
export type DatabaseService = (typeof databaseServices)[number]

const DATABASE = 'common_purse'

/** The same server and database with a service's own role. */
export function serviceUrl(adminUrl: string, service: DatabaseService, password: string): string {
  const url = new URL(adminUrl)
  url.username = `purse_${service}`
  url.password = password
  return url.href
}

const passwordOf = (service: DatabaseService, secrets: Secrets) => secrets[`${service}Password`]

/** Makes the database where the URL names none of its own, and brings the three schemas up to date. */
export async function prepareDatabases(
  serverUrl: string,
  house: House,
): Promise<Record<DatabaseService, string>> {
  const adminUrl = await requireDatabase(serverUrl)
  for (const service of databaseServices) await migrate(service, adminUrl, house)
  const urls = databaseServices.map((service) => [
    service,
    serviceUrl(adminUrl, service, passwordOf(service, house.secrets)),
  ])
  return Object.fromEntries(urls) as Record<DatabaseService, string>
}

/** The same server with the database that is used, where the URL names none of its own. */
export function databaseAt(serverUrl: string): string {
  const url = new URL(serverUrl)
  if (['', '/', '/postgres'].includes(url.pathname)) url.pathname = `/${DATABASE}`
  return url.href
}

/** The administrator's URL of the database that is used. */
async function requireDatabase(serverUrl: string): Promise<string> {
  const url = databaseAt(serverUrl)
  if (new URL(serverUrl).pathname === new URL(url).pathname) return serverUrl
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
  return url
}

async function migrate(service: DatabaseService, adminUrl: string, house: House): Promise<void> {
  house.signal.throwIfAborted()
  const migrationsDir = join(house.root, 'services', service, 'prisma', 'migrations')
  if (!existsSync(migrationsDir)) throw failure(`${migrationsDir} is missing: the clone is not complete.`)
  const { migrateService } = await import('../../libs/kit/src/migrate.ts')
  try {
    await migrateService({ adminUrl, service, migrationsDir, password: passwordOf(service, house.secrets) })
  } catch (error) {
    throw failure(
      `The database of ${service} could not be brought up to date: ${reasonOf(error)}`,
      'If its data may go: npm run reset. Otherwise look at the migration that it names.',
    )
  }
}
