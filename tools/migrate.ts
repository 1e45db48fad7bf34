import { join } from 'node:path'
import { createLogger } from '../libs/kit/src/logger.ts'
import { type DatabaseService, migrateService, roleOf } from '../libs/kit/src/migrate.ts'
import { projectRoot } from './launcher/house.ts'
import { databaseServices } from './start/databases.ts'
import { loadMigrateConfig, type MigrateConfig } from './start/migrate-config.ts'

/** The job before the services: makes their roles and schemas, and applies the migrations that are new. */
const logger = createLogger('migrate', 'info')
try {
  await migrateAll(loadMigrateConfig(process.env))
} catch (error) {
  logger.fatal({ err: error }, (error as Error).message)
  process.exitCode = 1
}

async function migrateAll(config: MigrateConfig): Promise<void> {
  for (const service of databaseServices) {
    const url = config[`${service.toUpperCase() as Uppercase<DatabaseService>}_DATABASE_URL`]
    if (url === undefined) continue
    const password = passwordIn(url, service)
    const migrationsDir = join(projectRoot, 'services', service, 'prisma', 'migrations')
    await migrateService({ adminUrl: config.MIGRATE_DATABASE_URL, service, migrationsDir, password })
    logger.info(`The database of ${service} is up to date`)
  }
}

/** What the service's role is to sign in with stands in the service's own URL, and nowhere else. */
function passwordIn(url: string, service: DatabaseService): string {
  const { username, password } = new URL(url)
  if (username === roleOf(service) && password !== '') return decodeURIComponent(password)
  throw new Error(
    `${service.toUpperCase()}_DATABASE_URL: expected postgresql://${roleOf(service)}:PASSWORD@…`,
  )
}
