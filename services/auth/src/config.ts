import {
  commonConfig,
  parseConfig,
  Rate,
  Secret,
  tokenConfig,
  VersionedSecrets,
} from '@common-purse/kit/config'
import * as z from 'zod'
import { TokenSigningKeys } from './keys/token-signing-keys.ts'

const seconds = z.coerce.number().int().positive()
const days = z.coerce.number().int().positive().max(3_650)

export const settings = {
  ...commonConfig,
  ...tokenConfig,
  /** PostgreSQL as the service's own role, `postgresql://purse_SERVICE:PASSWORD@HOST:5432/DATABASE`. */
  DATABASE_URL: z.url().meta({ secret: 'with the password of the role' }),
  /** JSON array of private Ed25519 JWKs, each with a `kid` and perhaps a `not_before`. The newest whose time has come signs access tokens; all are published. */
  TOKEN_SIGNING_KEYS: TokenSigningKeys.meta({
    secret: 'npm run make-secrets -- FOLDER, then npm run rotate-keys',
  }),
  /** Where they came from, when it was a file: it is read again when it changes. */
  TOKEN_SIGNING_KEYS_FILE: z.string().min(1).optional(),
  /** Master secrets behind sessions' signing keys, refresh successors and invitations; the first is used for new ones. */
  SIGNATURE_MASTER_SECRETS: VersionedSecrets,
  /** What the bot signs its own calls with. */
  BOT_CLIENT_SECRET: Secret,
  /** Where people reach the web pages; the link that binds a Telegram account starts with it. */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** Life of an access token. */
  ACCESS_TOKEN_SECONDS: seconds.default(900),
  /** Life of a session; refreshing does not lengthen it. */
  REFRESH_TOKEN_SECONDS: seconds.default(2_592_000),
  /** For how long a used refresh token still answers its successor, for clients that lost the answer. */
  REFRESH_GRACE_SECONDS: z.coerce.number().int().min(0).default(10),
  /** Life of a code that links a Telegram account. */
  BIND_CODE_SECONDS: seconds.default(600),
  /** Life of an invitation. */
  INVITATION_SECONDS: seconds.default(259_200),
  /** Failed sign-ins of one account, from each address it is known at and from all others together, as COUNT/SECONDS. */
  LOGIN_FAILURES_ACCOUNT: Rate.prefault('5/300'),
  /** Failed sign-ins from one address, as COUNT/SECONDS. */
  LOGIN_FAILURES_ADDRESS: Rate.prefault('50/300'),
  /** An account is known at an address for so long after a sign-in from there. */
  KNOWN_ADDRESS_DAYS: days.default(90),
  /** How long after signing in nobody is asked again who they are, before they change how they sign in. */
  SUDO_SECONDS: seconds.default(600),
  /** How long an Idempotency-Key is remembered. */
  IDEMPOTENCY_SECONDS: seconds.default(86_400),
  /** Pause between two rounds of clearing away what is over. */
  CLEAN_UP_SECONDS: seconds.default(300),
  /** How old the signature of a change may be. */
  SIGNATURE_AGE_CHANGES_SECONDS: seconds.default(60),
  /** How far in the future a signature may have been made. */
  SIGNATURE_AHEAD_SECONDS: seconds.default(60),
}

/** Keys that are given themselves come from no file, whatever is named beside them. */
const withOneSource = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  env['TOKEN_SIGNING_KEYS'] ? { ...env, TOKEN_SIGNING_KEYS_FILE: undefined } : env

export const loadConfig = (env: NodeJS.ProcessEnv) => parseConfig(settings, withOneSource(env))
export type Config = ReturnType<typeof loadConfig>
