import { Problem, type Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { canSee, type LedgerAccount } from '../accounts/account.ts'
import { lockAccounts } from '../accounts/account-store.ts'
import { findMembers } from '../members/member-store.ts'
import { decideWaiting } from './decide-approval.ts'
import { decideReversal } from './decide-reversal.ts'
import { requireOpen } from './decide-transaction.ts'
import { enterTransaction } from './enter-transaction.ts'
import { markReversed } from './mark-reversed.ts'
import { enteredEvent, type SubmitDeps } from './submit-transaction.ts'
import type { LedgerTransaction } from './transaction.ts'
import { hasWaitingReversal, lockTransaction } from './transaction-store.ts'
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
    const { original, accounts } = await lockOriginal(tx, caller, command.id)
    const draft = decideReversal(original, { userId: caller.userId, reason: command.reason }, now)
    if (await hasWaitingReversal(tx, caller.familyId, original.id))
      throw new Problem('already_reversed', 'A reversal of this transaction waits for approval')
    accounts.filter(({ ownerId }) => ownerId !== null).forEach(requireOpen)
    const policy = deps.findPolicy(caller.role, draft.currency)
    const waiting = decideWaiting(draft.amount, 0n, policy, now)
    const { transaction, accounts: after } = await enterTransaction(tx, draft, {
      id: deps.newId(),
      waiting,
      accounts,
    })
    const origin = originOf(caller, context)
    if (!waiting)
      await markReversed(tx, origin, { id: original.id, by: transaction.id, reason: command.reason, at: now })
    await enqueue(tx, [enteredEvent(caller, context, transaction)])
    const members = waiting ? await findMembers(tx, caller.familyId) : []
    return transactionView(transaction, { members, approvalsGiven: 0, accounts: after })
  }

async function lockOriginal(
  tx: Tx,
  caller: Caller,
  id: string,
): Promise<{ original: LedgerTransaction; accounts: LedgerAccount[] }> {
  const original = await lockTransaction(tx, caller.familyId, id)
  const unknown = new Problem('not_found', 'There is no such transaction that you can see')
  if (!original) throw unknown
  const ids = [original.accountId, ...(original.toAccountId ? [original.toAccountId] : [])]
  const accounts = await lockAccounts(
    tx,
    caller.familyId,
    ids,
    original.toAccountId ? undefined : original.currency,
  )
  if (!accounts.some((account) => canSee(account, caller))) throw unknown
  return { original, accounts }
}
