import { asTx } from '@common-purse/kit/database'
import type { Handlers } from '@common-purse/kit/service-app'
import type { Change, LedgerParts } from '../ledger-parts.ts'
import { policyView } from './policy-view.ts'
import { putApprovalPolicy } from './put-approval-policy.ts'

type PolicyRoute = 'getApprovalPolicy' | 'putApprovalPolicy'

export function policyHandlers(parts: LedgerParts, change: Change): Pick<Handlers<'ledger'>, PolicyRoute> {
  const db = asTx(parts.pool)
  const put = putApprovalPolicy(parts)
  return {
    getApprovalPolicy: async ({ caller }) => ({
      body: policyView(await parts.findPolicy(db, caller.familyId)),
    }),
    putApprovalPolicy: (incoming) =>
      change(incoming, 200, (tx) => put(tx, incoming.caller, incoming.context, incoming.body)),
  }
}
