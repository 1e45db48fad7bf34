import { BlockList, isIP } from 'node:net'
import {
  commonConfig,
  parseConfig,
  Rate,
  Secret,
  tokenConfig,
  VersionedSecrets,
} from '@common-purse/kit/config'
import * as z from 'zod'

const seconds = (fallback: number) => z.coerce.number().int().min(1).max(86_400).default(fallback)
const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))
const rate = (fallback: string) => Rate.prefault(fallback)

/** `10.0.0.0/8,fd00::/8,192.0.2.1` as a list that can be asked. */
const AddressList = z
  .string()
  .default('')
  .transform((text, context) => {
    const list = new BlockList()
    for (const entry of text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      if (addEntry(list, entry)) continue
      context.addIssue({ code: 'custom', message: `Expected addresses or CIDR blocks, found ${entry}` })
    }
    return list
  })

function addEntry(list: BlockList, entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/')
  const widths: Record<number, number> = { 4: 32, 6: 128 }
  const width = widths[isIP(address)]
  // An empty length is no length: taken for 0 it would trust everybody.
  if (width === undefined || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? '0')) return false
  const bits = Number(prefix ?? width)
  if (bits > width) return false
  list.addSubnet(address, bits, width === 128 ? 'ipv6' : 'ipv4')
  return true
}

/** Origins such as `https://purse.example`, separated by commas. */
const OriginList = z
  .string()
  .default('')
  .transform(
    (text) =>
      new Set(
        text
          .split(',')
          .map((part) => part.trim().replace(/\/+$/, ''))
          .filter(Boolean),
      ),
  )

export const settings = {
  ...commonConfig,
  ...tokenConfig,
  /** Where the API and the pages are answered; the one public port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  /** Redis for nonces, limits and what the bot remembers, `redis://:PASSWORD@HOST:6379`. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'Expected redis://…')
    .meta({ secret: 'with the password of the server' }),
  /** Put before every key, so that several installations can share one Redis. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w:-]*$/, 'Expected letters, digits, _ : -')
    .default('purse:'),
  /** Milliseconds that a request waits for Redis at most; under a second, so that a change is answered within one. */
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(50).max(10_000).default(700),
  /** Public keys of the access tokens. */
  JWKS_URL: z.url(),
  /** The list of revocations at the internal port of the auth service, `http://auth:9090/revocations`. */
  REVOCATIONS_URL: z.url({ protocol: /^https?$/ }),
  /** Without news of revocations for so long, by the bus and by REVOCATIONS_URL alike, signed-in calls are answered 503. */
  REVOCATION_STALE_SECONDS: seconds(2),
  /** Origin of the auth service. */
  AUTH_URL: origin,
  /** Origin of the ledger service. */
  LEDGER_URL: origin,
  /** Origin of the audit service. */
  AUDIT_URL: origin,
  /** Origin of the auth service's internal port; `/health` asks for its readiness there, and else whether it answers at all. */
  AUTH_OPS_URL: origin.optional(),
  /** Likewise of the ledger service. */
  LEDGER_OPS_URL: origin.optional(),
  /** Likewise of the audit service. */
  AUDIT_OPS_URL: origin.optional(),
  /** `v1:SECRET[,v2:SECRET]`, the secrets that the sessions' signing keys are derived from; the same as the auth service's. */
  SIGNATURE_MASTER_SECRETS: VersionedSecrets,
  /** Key of the bot's own calls, base64url of 32 bytes. */
  BOT_CLIENT_SECRET: Secret,
  /** `changes`: what changes something must be signed; `all`: reads too. */
  SIGNATURE_POLICY: z.enum(['changes', 'all']).default('changes'),
  /** How old the signature of a change may be. */
  SIGNATURE_AGE_CHANGES_SECONDS: seconds(60),
  /** How old the signature of a read may be. */
  SIGNATURE_AGE_READS_SECONDS: seconds(300),
  /** How far the clock of a client may be ahead of ours. */
  SIGNATURE_AHEAD_SECONDS: seconds(60),
  /** COUNT/SECONDS of one address; an IPv6 address counts by its /64. */
  RATE_LIMIT_ADDRESS: rate('3000/60'),
  /** COUNT/SECONDS of one person. */
  RATE_LIMIT_USER: rate('1200/60'),
  /** COUNT/SECONDS of one family. */
  RATE_LIMIT_FAMILY: rate('3000/60'),
  /** Registrations of one address. */
  RATE_LIMIT_SIGN_UP: rate('20/3600'),
  /** Link codes of one Telegram identity, and guesses of one user. */
  RATE_LIMIT_BIND: rate('10/600'),
  /** Addresses or CIDR blocks whose `X-Forwarded-For` is believed; empty: nobody's. */
  TRUSTED_PROXIES: AddressList,
  /** Origins whose pages may call the API from a browser, separated by commas. */
  CORS_ORIGINS: OriginList,
  /** What a request's body may have at most. */
  BODY_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(16 * 1024 * 1024)
    .default(1024 * 1024),
  /** Milliseconds until a service must have begun its answer. */
  UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(50).max(60_000).default(10_000),
  /** Life of an access token; revocations are remembered for as long. The same as the auth service's. */
  ACCESS_TOKEN_SECONDS: seconds(900),
  /**
   * Folder of this machine's gateways for access lines that the bus has not taken yet; a killed gateway's are sent by the
   * next one. Without it they are in memory alone.
   */
  ACCESS_SPOOL_DIR: z.string().min(1).optional(),
  /** Bytes that may lie there; then lines stay in memory, and at last are dropped and counted. */
  ACCESS_SPOOL_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .default(1024 * 1024 * 1024),
  /** Folder of the built web pages; served when it exists. */
  WEB_ROOT: z
    .string()
    .min(1)
    .default(new URL('../../web/dist', import.meta.url).pathname),
  /** The OpenAPI document to publish. */
  OPENAPI_FILE: z
    .string()
    .min(1)
    .default(new URL('../../../docs/api/openapi.json', import.meta.url).pathname),
}

export const loadConfig = (env: NodeJS.ProcessEnv) => parseConfig(settings, env)
export type Config = ReturnType<typeof loadConfig>
