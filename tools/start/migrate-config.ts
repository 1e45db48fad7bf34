import * as z from 'zod'
import { parseConfig } from '../../libs/kit/src/config.ts'

const database = z.url({ protocol: /^postgres(ql)?$/ }).meta({ secret: 'with the password of the role' })

export const settings = {
  /** Only `production` insists on strong passwords in URLs. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  /** PostgreSQL as a role that may create roles, and schemas in this database; no service has it. */
  MIGRATE_DATABASE_URL: database,
  /** The auth service's DATABASE_URL: its role and schema are made and migrated; left out, they are left alone. */
  AUTH_DATABASE_URL: database.optional(),
  /** The ledger service's DATABASE_URL, likewise. */
  LEDGER_DATABASE_URL: database.optional(),
  /** The audit service's DATABASE_URL, likewise. */
  AUDIT_DATABASE_URL: database.optional(),
}

export const loadMigrateConfig = (env: NodeJS.ProcessEnv) => parseConfig(settings, env)
export type MigrateConfig = ReturnType<typeof loadMigrateConfig>
