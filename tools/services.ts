import { join } from 'node:path'
import type { Secrets } from './launcher/secrets.ts'
import { ensureTokenKeys } from './launcher/token-keys.ts'

/** The services in the order in which they are named; they are started together. */
export const serviceNames = ['auth', 'ledger', 'audit', 'gateway', 'bot'] as const
export type ServiceName = (typeof serviceNames)[number]
export const entryOf = (name: ServiceName) => `services/${name}/src/main.ts`

export interface ServicePorts {
  port: number
  opsPort: number
}

export interface ServiceContext {
  dataDir: string
  /** The gateway's public port. */
  port: number
  /** Free ports of 127.0.0.1, kept through restarts of a service. */
  ports: Record<ServiceName, ServicePorts>
  /** Each with the role that sees its own schema alone. */
  databaseUrls: Record<'auth' | 'ledger' | 'audit', string>
  redisUrl: string
  natsUrl: string
  secrets: Secrets
  /** What was given to `npm start`; any setting of a service can be changed from there. */
  env: NodeJS.ProcessEnv
}

export interface ServiceSpec extends ServicePorts {
  name: ServiceName
  entry: string
  env: NodeJS.ProcessEnv
}

/** What is run, and with which environment. */
export function services(context: ServiceContext): ServiceSpec[] {
  const own = ownEnvironments(context)
  return serviceNames.map((name) => {
    const { port, opsPort } = context.ports[name]
    const env = { ...commonEnvironment(context), ...own[name], PORT: String(port), OPS_PORT: String(opsPort) }
    return { name, entry: entryOf(name), env, port, opsPort }
  })
}

function commonEnvironment({ env, natsUrl }: ServiceContext): NodeJS.ProcessEnv {
  return {
    ...env,
    NODE_ENV: env['NODE_ENV'] || 'development',
    LOG_LEVEL: env['LOG_LEVEL'] || 'info',
    NATS_URL: natsUrl,
  }
}

function ownEnvironments(context: ServiceContext): Record<ServiceName, NodeJS.ProcessEnv> {
  const { ports, databaseUrls, redisUrl, secrets, env, port, dataDir } = context
  const at = (name: ServiceName) => `http://127.0.0.1:${ports[name].port}`
  const jwks = { JWKS_URL: `${at('auth')}/.well-known/jwks.json` }
  // A value from outside wins over one that was generated.
  const secret = (name: string, generated: string) => ({ [name]: env[name] || generated })
  const signature = secret('SIGNATURE_MASTER_SECRETS', secrets.signatureMasterSecrets)
  const botClient = secret('BOT_CLIENT_SECRET', secrets.botClientSecret)
  return {
    auth: {
      DATABASE_URL: databaseUrls.auth,
      TOKEN_SIGNING_KEYS_FILE: env['TOKEN_SIGNING_KEYS_FILE'] || ensureTokenKeys(dataDir),
      ...signature,
      ...botClient,
      PUBLIC_URL: env['PUBLIC_URL'] || `http://127.0.0.1:${port}`,
    },
    ledger: { DATABASE_URL: databaseUrls.ledger, ...jwks },
    audit: { DATABASE_URL: databaseUrls.audit, ...jwks },
    gateway: {
      REDIS_URL: redisUrl,
      ...jwks,
      REVOCATIONS_URL: `http://127.0.0.1:${ports.auth.opsPort}/revocations`,
      AUTH_URL: at('auth'),
      LEDGER_URL: at('ledger'),
      AUDIT_URL: at('audit'),
      ACCESS_SPOOL_DIR: env['ACCESS_SPOOL_DIR'] || join(dataDir, 'access-lines'),
      ...signature,
      ...botClient,
    },
    bot: {
      REDIS_URL: redisUrl,
      API_URL: at('gateway'),
      ...botClient,
      ...secret('BOT_TOKEN_KEYS', secrets.botTokenKeys),
      TELEGRAM_BOT_TOKEN: env['TELEGRAM_BOT_TOKEN'],
      TELEGRAM_API_ROOT: env['TELEGRAM_API_ROOT'],
    },
  }
}
