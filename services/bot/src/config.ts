import { commonConfig, parseConfig, Rate, Secret, VersionedSecrets } from '@common-purse/kit/config'
import * as z from 'zod'

const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

/** Telegram brings updates over TLS alone; a stand-in of it on the same machine does without. */
const WebhookUrl = z
  .url({ protocol: /^https?$/ })
  .regex(
    /^(https:\/\/[^/?#]+|http:\/\/127\.0\.0\.1:\d+)\/[^?#]+$/,
    'Expected https:// with a path of its own',
  )

export const settings = {
  ...commonConfig,
  /** Redis for sessions, drafts and what was done, `redis://:PASSWORD@HOST:6379`. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'Expected redis://…')
    .meta({ secret: 'with the password of the server' }),
  /** Milliseconds that a request waits for Redis at most; under a second, so that a change is answered within one. */
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(50).max(10_000).default(700),
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
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^[\w:-]+$/, 'Expected a bot token such as 123456:ABC…')
    .meta({ secret: '@BotFather gives it' }),
  /** Server of the Bot API; another one than Telegram's own for a local server or the emulator. */
  TELEGRAM_API_ROOT: origin.default('https://api.telegram.org'),
  /** Where Telegram brings updates, as the world sees it: https, a path of its own. Without it they are asked for. */
  TELEGRAM_WEBHOOK_URL: WebhookUrl.optional(),
  /** What Telegram says with each update that it brings; needed with TELEGRAM_WEBHOOK_URL. */
  TELEGRAM_WEBHOOK_SECRET: Secret.max(256).optional(),
  /** Where the bot listens for what comes to TELEGRAM_WEBHOOK_URL. */
  WEBHOOK_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  /** Messages to one chat before the next waits its turn. Telegram wants about one a second, and no more than 20 a minute in groups. */
  TELEGRAM_RATE_CHAT: Rate.prefault('8/8'),
  /** Messages to all chats; Telegram allows about 30 a second. */
  TELEGRAM_RATE_ALL: Rate.prefault('25/1'),
  /** Notices about money to one chat; beyond them it is told once where to look for more. */
  TELEGRAM_NOTICES_CHAT: Rate.prefault('30/60'),
  /** Seconds in which an entry can be confirmed. */
  DRAFT_SECONDS: z.coerce.number().int().min(10).max(86_400).default(600),
  /** Seconds between two messages to an owner about where their family's trail ends. */
  TRAIL_MESSAGE_SECONDS: z.coerce.number().int().min(1).max(31_536_000).default(86_400),
}

export type Config = ReturnType<typeof loadConfig>

/** Reads the settings of the bot; throws a message that names every wrong one. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const config = parseConfig(settings, env)
  if (config.NODE_ENV === 'production' && !/^\d+:[\w-]{30,}$/.test(config.TELEGRAM_BOT_TOKEN))
    throw new Error('TELEGRAM_BOT_TOKEN: Expected the whole token that BotFather gave')
  const { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = config
  if (url !== undefined && secret === undefined)
    throw new Error(
      'TELEGRAM_WEBHOOK_URL needs TELEGRAM_WEBHOOK_SECRET: base64url of 32 random bytes or more',
    )
  return config
}
