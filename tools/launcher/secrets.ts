import { randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failure, reasonOf } from './failure.ts'
import { writeSecretFile } from './write-secret-file.ts'

/** What a development system needs to keep to itself. Made once and kept with the data. */
export interface Secrets {
  /** Names this data folder among others on the machine; not secret. */
  id: string
  postgresPassword: string
  redisPassword: string
  natsPassword: string
  /** Among the servers of NATS, where there are several. */
  natsRoutePassword: string
  authPassword: string
  ledgerPassword: string
  auditPassword: string
  /** Of the role that migrates, where it is not the server's own user. */
  migratePassword: string
  /** `v1:` and 32 bytes in base64url, as are the token keys of the bot. */
  signatureMasterSecrets: string
  botTokenKeys: string
  botClientSecret: string
  /** The bot's token at the emulator, in the shape that Telegram gives out. */
  emulatorBotToken: string
}

const random = (bytes: number) => randomBytes(bytes).toString('base64url')

/** A new set, used as it is by the tests. */
export function createSecrets(): Secrets {
  return {
    id: randomBytes(4).toString('hex'),
    postgresPassword: random(24),
    redisPassword: random(24),
    natsPassword: random(24),
    natsRoutePassword: random(24),
    authPassword: random(24),
    ledgerPassword: random(24),
    auditPassword: random(24),
    migratePassword: random(24),
    signatureMasterSecrets: `v1:${random(32)}`,
    botTokenKeys: `v1:${random(32)}`,
    botClientSecret: random(32),
    emulatorBotToken: `${randomInt(100_000_000, 999_999_999)}:${random(26).slice(0, 35)}`,
  }
}

/** The data folder's secrets. Those that a newer version needs and an older one did not make are added. */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json')
  const kept = readKept(path)
  const secrets = { ...createSecrets(), ...kept }
  if (Object.keys(secrets).every((name) => name in kept)) return secrets
  writeSecretFile(path, secrets)
  return secrets
}

function readKept(path: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw failure(
      `${path} cannot be read: ${reasonOf(error)}`,
      'Without it the data cannot be opened: restore it, or npm run reset.',
    )
  }
}
