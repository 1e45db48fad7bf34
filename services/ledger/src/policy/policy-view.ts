import type { ApprovalPolicy } from '@common-purse/contracts'
import type { FamilyPolicy, Threshold } from './policy.ts'

const thresholdView = ({ role, accountId, currency, amount }: Threshold, inherited: boolean) => ({
  role,
  account_id: accountId,
  currency,
  amount,
  inherited,
})

export const policyView = (policy: FamilyPolicy): ApprovalPolicy => ({
  thresholds: [
    ...policy.thresholds.map((threshold) => thresholdView(threshold, false)),
    ...policy.inherited.map((threshold) => thresholdView(threshold, true)),
  ],
  window_seconds: policy.windowSeconds,
  quorum: policy.quorum,
  expiry_seconds: policy.expirySeconds,
  version: policy.version,
  updated_at: policy.updatedAt?.toISOString() ?? null,
  updated_by: policy.updatedBy,
})

/** What the trail keeps of a policy: what the family decided. */
export const policyValues = (policy: FamilyPolicy): Record<string, unknown> => ({
  thresholds: policy.thresholds.map(({ role, accountId, currency, amount }) => ({
    role,
    account_id: accountId,
    currency,
    amount,
  })),
  window_seconds: policy.windowSeconds,
  quorum: policy.quorum,
  expiry_seconds: policy.expirySeconds,
})
