import { type Role, toMinorUnits } from '@common-purse/contracts'
import type { Policy } from '../transactions/decide-approval.ts'

/** Up to `amount` a role spends without asking; null for no limit. At most one of account and currency is named. */
export interface Threshold {
  role: Role
  accountId: string | null
  currency: string | null
  /** A decimal in the units of whatever currency is spent. */
  amount: string | null
}

/** What a family goes by: its own policy, and the installation's defaults for what it did not decide. */
export interface FamilyPolicy {
  /** 0 while the family has changed nothing; each change adds one. */
  version: number
  /** The family's own. */
  thresholds: Threshold[]
  /** The installation's, for roles that have no default of the family's. */
  inherited: Threshold[]
  windowSeconds: number
  quorum: number
  expirySeconds: number
  updatedAt: Date | null
  updatedBy: string | null
}

/** What holds for one spending. */
export interface EffectivePolicy extends Policy {
  /** Over how many seconds a person's spending is summed; 0: each spending by itself. */
  windowSeconds: number
  /** How many people must approve, as far as there are so many. */
  quorum: number
  /** Set when the threshold is the account's own: then only what was spent from that account is summed. */
  summedAccountId: string | null
}

/** Pure: the most particular threshold of the role: for the account, for the currency, the default of the role. */
export function effectivePolicy(
  policy: FamilyPolicy,
  spending: { role: Role; accountId: string; currency: string },
): EffectivePolicy {
  const ofRole = [...policy.thresholds, ...policy.inherited].filter(({ role }) => role === spending.role)
  const threshold =
    ofRole.find(({ accountId }) => accountId === spending.accountId) ??
    ofRole.find(({ currency }) => currency === spending.currency) ??
    ofRole.find(({ accountId, currency }) => accountId === null && currency === null)
  return {
    // Who has no threshold at all spends nothing without asking.
    threshold: threshold ? amountIn(threshold.amount, spending.currency) : 0n,
    windowSeconds: policy.windowSeconds,
    quorum: policy.quorum,
    expirySeconds: policy.expirySeconds,
    summedAccountId: threshold?.accountId ?? null,
  }
}

/** Places that the currency does not have are cut off: 100.50 is 100 in yen. */
function amountIn(amount: string | null, currency: string): bigint | undefined {
  if (amount === null) return undefined
  const [whole = '0', fraction = ''] = amount.split('.')
  const places = toMinorUnits('1', currency).toString().length - 1
  return toMinorUnits(places === 0 ? whole : `${whole}.${fraction.slice(0, places)}`, currency)
}
