import { type Role, toMinorUnits } from '@common-purse/contracts'
import type { Config } from './config.ts'
import type { Policy } from './transactions/decide-approval.ts'

export interface EffectivePolicy extends Policy {
  /** Over how many seconds a person's spending is summed. */
  windowSeconds: number
}

export type FindPolicy = (role: Role, currency: string) => EffectivePolicy

/** The defaults of the installation. No exchange rate is known here, so a number counts in each currency's own units. */
export function defaultPolicy(config: Config): FindPolicy {
  const thresholds: Record<Role, number | undefined> = {
    owner: config.APPROVAL_THRESHOLD_OWNER,
    adult: config.APPROVAL_THRESHOLD_ADULT,
    member: config.APPROVAL_THRESHOLD_MEMBER,
    child: config.APPROVAL_THRESHOLD_CHILD,
    read_only: 0,
  }
  return (role, currency) => {
    const units = thresholds[role]
    return {
      threshold: units === undefined ? undefined : toMinorUnits(String(units), currency),
      windowSeconds: config.APPROVAL_WINDOW_SECONDS,
      expirySeconds: config.APPROVAL_EXPIRY_SECONDS,
    }
  }
}
