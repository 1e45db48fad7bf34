import { commonConfig, parseConfig, Secret, VersionedSecrets } from '@common-purse/kit/config'
import * as z from 'zod'

const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

const shape = {
  ...commonConfig,
  REDIS_URL: z.string().regex(/^rediss?:\/\/\S+$/, 'Expected redis://…'),
  /** Put before every key, so that several installations can share one Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w:-]*$/, 'Expected letters, digits, _ : -')
    .default('purse:'),
  /** Origin of the gateway, the bot's only way to anything. */
  API_URL: origin,
  /** Key of the bot's own calls, base64url of 32 bytes; the same as the gateway's and the auth service's. */
  BOT_CLIENT_SECRET: Secret,
  /** `v1:SECRET[,v2:SECRET]`: what the people's tokens are encrypted with in Redis; the first encrypts, all decrypt. */
  BOT_TOKEN_KEYS: VersionedSecrets,
  /** What BotFather gave. */
  TELEGRAM_BOT_TOKEN: z.string().regex(/^[\w:-]+$/, 'Expected a bot token such as 123456:ABC…'),
  /** Server of the Bot API; another one than Telegram's own for a local server or the emulator. */
  TELEGRAM_API_ROOT: origin.default('https://api.telegram.org'),
  /** Seconds in which an entry can be confirmed. */
  DRAFT_SECONDS: z.coerce.number().int().min(10).max(86_400).default(600),
  /** Seconds between two messages to an owner about where their family's trail ends. */
  TRAIL_MESSAGE_SECONDS: z.coerce.number().int().min(1).max(31_536_000).default(86_400),
}

export type Config = ReturnType<typeof loadConfig>

/** Reads the settings of the bot; throws a message that names every wrong one. */
export const loadConfig = (env: NodeJS.ProcessEnv) => parseConfig(shape, env)
