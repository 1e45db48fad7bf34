import { commonConfig, parseConfig, tokenConfig } from '@common-purse/kit/config'
import * as z from 'zod'

/** A sum in whole units of any currency above which a role's spending waits; `none` for no limit. */
const threshold = z
  .string()
  .regex(/^(none|0|[1-9][0-9]{0,8})$/, 'Expected a whole number or none')
  .transform((text) => (text === 'none' ? undefined : Number(text)))

export const settings = {
  ...commonConfig,
  ...tokenConfig,
  /** PostgreSQL as the role purse_ledger. */
  DATABASE_URL: z.url().meta({ secret: 'with the password of the role' }),
  /** Where the auth service publishes its public keys. */
  JWKS_URL: z.url(),
  /** A sum in whole units of any currency above which an owner's spending waits for approval; `none` for no limit. */
  APPROVAL_THRESHOLD_OWNER: threshold.prefault('none'),
  /** The same for an adult. */
  APPROVAL_THRESHOLD_ADULT: threshold.prefault('1000'),
  /** The same for a member. */
  APPROVAL_THRESHOLD_MEMBER: threshold.prefault('100'),
  /** The same for a child; 0: every spending waits. */
  APPROVAL_THRESHOLD_CHILD: threshold.prefault('0'),
  /** Seconds over which a person's spending is summed against the threshold; 0: each spending by itself. */
  APPROVAL_WINDOW_SECONDS: z.coerce.number().int().nonnegative().default(86_400),
  /** How many people must approve, as far as a family has so many. */
  APPROVAL_QUORUM: z.coerce.number().int().positive().default(1),
  /** Seconds after which what waits expires; 90 days at most, as for a family's own policy. */
  APPROVAL_EXPIRY_SECONDS: z.coerce.number().int().positive().max(7_776_000).default(259_200),
  /** For how long an Idempotency-Key is remembered. */
  IDEMPOTENCY_SECONDS: z.coerce.number().int().positive().default(86_400),
  /** Seconds between two rounds of deleting what is over. */
  CLEAN_UP_SECONDS: z.coerce.number().int().positive().max(86_400).default(300),
  /** Seconds from one comparison of the books with themselves to the next; 0: none. */
  SELF_CHECK_SECONDS: z.coerce.number().int().nonnegative().max(604_800).default(3_600),
  /** Seconds between two looks for what has expired. */
  APPROVAL_EXPIRY_CHECK_SECONDS: z.coerce.number().positive().default(5),
}

export const loadConfig = (env: NodeJS.ProcessEnv) => parseConfig(settings, env)
export type Config = ReturnType<typeof loadConfig>
