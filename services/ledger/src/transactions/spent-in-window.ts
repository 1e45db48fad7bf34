import type { Tx } from '@common-purse/kit/database'
import type { EffectivePolicy } from '../policy/policy.ts'
import { spentSince } from './transaction-store.ts'

interface Spender {
  familyId: string
  userId: string
  currency: string
  now: Date
}

/** What somebody spent in the policy's window, or zero where nothing is summed. */
export async function spentInWindow(
  tx: Tx,
  policy: EffectivePolicy,
  { familyId, userId, currency, now }: Spender,
): Promise<bigint> {
  if (policy.threshold === undefined || policy.windowSeconds === 0) return 0n
  const since = new Date(now.getTime() - policy.windowSeconds * 1000)
  return await spentSince(tx, { familyId, userId, currency, accountId: policy.summedAccountId }, since)
}
