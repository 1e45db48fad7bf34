import { Problem, type Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { requireAnyPermission } from '@common-purse/kit/service-app'
import { canSee, type LedgerAccount } from '../accounts/account.ts'
import { findMembers } from '../members/member-store.ts'
import { effectivePolicy } from '../policy/policy.ts'
import { decideRequired, decideWaiting } from './decide-approval.ts'
import { decideReversal } from './decide-reversal.ts'
import { requireOpen } from './decide-transaction.ts'
import { enterTransaction } from './enter-transaction.ts'
import { markReversed } from './mark-reversed.ts'
import { lockAccountsOf, seenBy } from './resolve-transaction.ts'
import { spentInWindow } from './spent-in-window.ts'
import { enteredEvent, type SubmitDeps } from './submit-transaction.ts'
import type { LedgerTransaction } from './transaction.ts'
import { hasWaitingReversal, lockSpender, lockTransaction } from './transaction-store.ts'
import { transactionView } from './transaction-view.ts'

/** Use-case: undoes a posted transaction by an opposite one that is linked to it; a large one waits like a spending. */
export const reverseTransaction =
  (deps: SubmitDeps) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; reason: string },
  ): Promise<Transaction> => {
    const now = deps.now()
    await lockSpender(tx, caller)
    const { original, accounts } = await lockOriginal(tx, caller, command.id)
    const draft = decideReversal(original, { userId: caller.userId, reason: command.reason }, now)
    if (await hasWaitingReversal(tx, caller.familyId, original.id))
      throw new Problem('already_reversed', 'A reversal of this transaction waits for approval')
    for (const account of accounts) requireOpen(account, caller)
    const policy = effectivePolicy(await deps.findPolicy(tx, caller.familyId), {
      role: caller.role,
      accountId: draft.accountId,
      currency: draft.currency,
    })
    // Taking an income back takes money out, so it counts as spending does. What brings money back waits by its own sum.
    const spent =
      draft.type === 'income'
        ? await spentInWindow(tx, policy, { ...caller, currency: draft.currency, now })
        : 0n
    const terms = decideWaiting(draft.amount, spent, policy, now)
    const members = terms ? await findMembers(tx, caller.familyId) : []
    const waiting = terms && { ...terms, required: decideRequired(policy.quorum, caller.userId, members) }
    const { transaction, accounts: after } = await enterTransaction(tx, draft, {
      id: deps.newId(),
      waiting,
      accounts,
      caller,
    })
    const origin = originOf(caller, context)
    if (!waiting)
      await markReversed(tx, origin, { id: original.id, by: transaction.id, reason: command.reason, at: now })
    await enqueue(tx, [enteredEvent(caller, context, transaction)])
    return transactionView(transaction, { members, approvedBy: [], accounts: seenBy(after, caller) })
  }

async function lockOriginal(
  tx: Tx,
  caller: Caller,
  id: string,
): Promise<{ original: LedgerTransaction; accounts: LedgerAccount[] }> {
  const original = await lockTransaction(tx, caller.familyId, id)
  const unknown = new Problem('not_found', 'There is no such transaction that you can see')
  if (!original) throw unknown
  const accounts = await lockAccountsOf(tx, original)
  const ofPeople = accounts.filter(({ ownerId }) => ownerId !== null)
  if (!ofPeople.some((account) => canSee(account, caller))) throw unknown
  // One's own are the accounts that one sees: the other side of a transfer may be somebody else's.
  if (!ofPeople.every((account) => canSee(account, caller)))
    requireAnyPermission(caller.role, ['transaction.reverse.any'])
  return { original, accounts }
}
