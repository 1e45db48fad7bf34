import { databaseAt, type DatabaseService, serviceUrl } from '../start/databases.ts'
import { loadSecrets } from './secrets.ts'
import { readState } from './state.ts'

/** A service's database as its own role: DATABASE_URL, or the development system's. */
export function databaseOf(service: DatabaseService, env: NodeJS.ProcessEnv): string {
  if (env['DATABASE_URL']) return env['DATABASE_URL']
  const dataDir = env['DATA_DIR'] || '.data'
  const port = readState(dataDir).ports['postgres']
  if (port === undefined) throw new Error('Set DATABASE_URL: there is no development system here.')
  const password = loadSecrets(dataDir)[`${service}Password`]
  return serviceUrl(`postgresql://127.0.0.1:${port}/common_purse`, service, password)
}

/** The database as a role that may read and make everything in it: DATABASE_URL, or the development system's. */
export function wholeDatabaseOf(env: NodeJS.ProcessEnv): string {
  if (env['DATABASE_URL']) return databaseAt(env['DATABASE_URL'])
  const dataDir = env['DATA_DIR'] || '.data'
  const port = readState(dataDir).ports['postgres']
  if (port === undefined) throw new Error('Set DATABASE_URL: there is no development system here.')
  return databaseAt(`postgresql://postgres:${loadSecrets(dataDir).postgresPassword}@127.0.0.1:${port}`)
}

/** The bus: NATS_URL, or the development system's. */
export function busOf(env: NodeJS.ProcessEnv): string {
  if (env['NATS_URL']) return env['NATS_URL']
  const dataDir = env['DATA_DIR'] || '.data'
  const port = readState(dataDir).ports['nats']
  if (port === undefined) throw new Error('Set NATS_URL: there is no development system here.')
  return `nats://purse:${loadSecrets(dataDir).natsPassword}@127.0.0.1:${port}`
}
