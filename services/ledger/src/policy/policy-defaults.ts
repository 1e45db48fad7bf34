import type { Config } from '../config.ts'
import type { FamilyPolicy, Threshold } from './policy.ts'

export type PolicyDefaults = Pick<FamilyPolicy, 'inherited' | 'windowSeconds' | 'quorum' | 'expirySeconds'>

/** The installation's defaults. No exchange rate is known here, so a number counts in each currency's own units. */
export function policyDefaults(config: Config): PolicyDefaults {
  const threshold = (role: Threshold['role'], units: number | undefined): Threshold => ({
    role,
    accountId: null,
    currency: null,
    amount: units === undefined ? null : String(units),
  })
  return {
    inherited: [
      threshold('owner', config.APPROVAL_THRESHOLD_OWNER),
      threshold('adult', config.APPROVAL_THRESHOLD_ADULT),
      threshold('member', config.APPROVAL_THRESHOLD_MEMBER),
      threshold('child', config.APPROVAL_THRESHOLD_CHILD),
    ],
    windowSeconds: config.APPROVAL_WINDOW_SECONDS,
    quorum: config.APPROVAL_QUORUM,
    expirySeconds: config.APPROVAL_EXPIRY_SECONDS,
  }
}
