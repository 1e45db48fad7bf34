import type { ApprovalPolicy, PutApprovalPolicy } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { decidePolicy, isSamePolicy } from './decide-policy.ts'
import { type FindPolicy, findNamedAccounts, lockPolicy, savePolicy } from './policy-store.ts'
import { policyValues, policyView } from './policy-view.ts'

/** Use-case: replaces the family's policy; what already waits keeps its terms. What changes nothing leaves no trace. */
export const putApprovalPolicy =
  ({ now, findPolicy }: Pick<Clock, 'now'> & { findPolicy: FindPolicy }) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: PutApprovalPolicy,
  ): Promise<ApprovalPolicy> => {
    const { familyId, userId } = caller
    await lockPolicy(tx, familyId)
    const present = await findPolicy(tx, familyId)
    const named = command.thresholds.flatMap(({ account_id: id }) => (id === null ? [] : [id]))
    const decided = decidePolicy(command, present, await findNamedAccounts(tx, familyId, named))
    if (isSamePolicy(decided, present)) return policyView(present)
    const at = now()
    const version = present.version + 1
    await savePolicy(tx, familyId, { ...present, ...decided, version, updatedAt: at, updatedBy: userId })
    const next = await findPolicy(tx, familyId)
    const change = {
      action: 'policy.changed' as const,
      entityType: 'policy',
      entityId: familyId,
      version,
      oldValues: policyValues(present),
      newValues: policyValues(next),
    }
    await enqueue(tx, [toEvent('ledger', originOf(caller, context), change, at)])
    return policyView(next)
  }
