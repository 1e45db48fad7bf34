import { commonConfig, parseConfig, tokenConfig } from '@common-purse/kit/config'
import * as z from 'zod'

export const settings = {
  ...commonConfig,
  ...tokenConfig,
  /** PostgreSQL, as the role purse_audit: it may add to the trail and read it, and not change it. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).meta({ secret: 'with the password of the role' }),
  /** Where the auth service publishes the public keys of access tokens. */
  JWKS_URL: z.url({ protocol: /^https?$/ }),
  /** Seconds between two anchors of a family's chain while it grows. */
  ANCHOR_SECONDS: z.coerce.number().int().min(1).max(3600).default(10),
  /** Days that lines of the access log are kept, at least: they go by whole months. */
  ACCESS_LOG_DAYS: z.coerce.number().int().min(30).max(3660).default(400),
}

export type Config = ReturnType<typeof loadConfig>

/** Reads the settings of the audit service; throws a message that names every wrong one. */
export const loadConfig = (env: NodeJS.ProcessEnv) => parseConfig(settings, env)
