import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from './test-database.ts'

/** Migrates one template database per run; each test file then works on its own copy of it. */
export default async function globalSetup(): Promise<void> {
  const { migrateService } = await import('../../libs/kit/src/migrate.ts')
  const adminUrl = process.env['TEST_DATABASE_URL']
  if (!adminUrl) throw new Error('Run the tests with `npm test`: it brings up PostgreSQL, Redis and NATS')
  const template = `purse_template_${randomBytes(4).toString('hex')}`
  const password = randomBytes(16).toString('hex')
  await execute(`CREATE DATABASE ${template}`)
  const templateUrl = new URL(adminUrl)
  templateUrl.pathname = template
  for (const service of ['auth', 'ledger', 'audit'] as const) {
    const migrationsDir = join(import.meta.dirname, `../../services/${service}/prisma/migrations`)
    if (existsSync(migrationsDir))
      await migrateService({ adminUrl: templateUrl.href, service, migrationsDir, password })
  }
  process.env['TEST_TEMPLATE'] = template
  process.env['TEST_ROLE_PASSWORD'] = password
}
