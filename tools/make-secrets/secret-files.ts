import type { Secrets } from '../launcher/secrets.ts'
import type { TokenKey } from '../launcher/token-keys.ts'
import { databaseServices, type DatabaseService } from '../start/databases.ts'

/** Where the servers are for the services: the names that docker-compose.yml and the manifests give them. */
const POSTGRES = 'postgres:5432/common_purse'
const REDIS = 'redis:6379'
const NATS = 'nats:4222'
/** Where the bot goes as long as it is not told the token of a real one. */
const EMULATOR = 'http://telegram:8081'

/**
 * What each container is told in secret, by path: a folder for each, in it a file for each setting, named as the setting is
 * but in small letters. Services get them as `NAME_FILE`, the servers in the form that they can read.
 */
export function secretFiles(secrets: Secrets, tokenKeys: readonly TokenKey[]): Record<string, string> {
  const { signatureMasterSecrets, botClientSecret, botTokenKeys, emulatorBotToken } = secrets
  const folders = {
    postgres: { postgres_password: secrets.postgresPassword, migrate_password: secrets.migratePassword },
    redis: { 'redis.conf': `requirepass ${secrets.redisPassword}\n`, password: secrets.redisPassword },
    nats: {
      'nats.conf': natsConfiguration(secrets.natsPassword),
      'routes.conf': natsRoutes(secrets.natsRoutePassword),
    },
    migrate: {
      migrate_database_url: databaseUrl('purse_migrate', secrets.migratePassword),
      ...Object.fromEntries(databaseServices.map((name) => [`${name}_database_url`, urlOf(name, secrets)])),
    },
    auth: {
      ...withDatabase('auth', secrets),
      token_signing_keys: JSON.stringify(tokenKeys, undefined, 2),
      signature_master_secrets: signatureMasterSecrets,
      bot_client_secret: botClientSecret,
    },
    ledger: withDatabase('ledger', secrets),
    audit: withDatabase('audit', secrets),
    gateway: {
      ...busAndMemory(secrets),
      signature_master_secrets: signatureMasterSecrets,
      bot_client_secret: botClientSecret,
    },
    bot: {
      ...busAndMemory(secrets),
      bot_client_secret: botClientSecret,
      bot_token_keys: botTokenKeys,
      telegram_bot_token: emulatorBotToken,
      telegram_api_root: EMULATOR,
    },
    telegram: { telegram_bot_token: emulatorBotToken },
  }
  return Object.fromEntries(
    Object.entries(folders).flatMap(([folder, files]) =>
      Object.entries<string>(files).map(([name, text]) => [`${folder}/${name}`, text]),
    ),
  )
}

const databaseUrl = (role: string, password: string) => `postgresql://${role}:${password}@${POSTGRES}`
const urlOf = (service: DatabaseService, secrets: Secrets) =>
  databaseUrl(`purse_${service}`, secrets[`${service}Password`])
const natsUrl = ({ natsPassword }: Secrets) => `nats://purse:${natsPassword}@${NATS}`

const withDatabase = (service: DatabaseService, secrets: Secrets) => ({
  database_url: urlOf(service, secrets),
  nats_url: natsUrl(secrets),
})

const busAndMemory = (secrets: Secrets) => ({
  nats_url: natsUrl(secrets),
  redis_url: `redis://:${secrets.redisPassword}@${REDIS}`,
})

/** Around the configuration that holds no secret; the server takes the path as one beside this file. */
const natsConfiguration = (password: string) => `authorization { user: "purse", password: "${password}" }
include ../../etc/nats/nats.conf
`

/** How three servers on a cluster find and believe one another: part of `cluster { … }` in their configuration. */
const natsRoutes = (password: string) => {
  const servers = [0, 1, 2].map((n) => `"nats://route:${password}@nats-${n}.nats-servers:6222"`)
  return `authorization { user: "route", password: "${password}" }
routes: [${servers.join(', ')}]
`
}
