import type { Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { findMembers } from '../members/member-store.ts'
import { decideApprover } from './decide-approval.ts'
import { requireOpen } from './decide-transaction.ts'
import { post } from './enter-transaction.ts'
import { markReversed } from './mark-reversed.ts'
import { lockWaiting, resolvedAs, saveSteps, seenBy, type Step } from './resolve-transaction.ts'
import { findApprovedBy, insertApproval } from './transaction-store.ts'
import { transactionView } from './transaction-view.ts'

/**
 * Use-case: gives one approval; with the last one that is needed the money moves. Somebody who approves again while
 * others are still awaited changes nothing.
 */
export const approveTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; comment?: string | undefined },
  ): Promise<Transaction> => {
    const at = now()
    const { familyId, userId } = caller
    const { transaction, accounts } = await lockWaiting(tx, caller, command.id, at)
    const members = await findMembers(tx, familyId)
    const isOwn = decideApprover(transaction.createdBy, caller, members)
    for (const account of accounts) requireOpen(account, caller)
    const before = await findApprovedBy(tx, familyId, transaction.id)
    if (before.includes(userId))
      return transactionView(transaction, {
        members,
        approvedBy: before,
        accounts: seenBy(accounts, caller),
      })

    const { comment } = command
    await insertApproval(tx, { familyId, transactionId: transaction.id, userId, comment, at })
    const approvedBy = [...before, userId]
    const approved: Step = {
      action: 'transaction.approved',
      next: transaction,
      at,
      reason: comment,
      more: { approvals_given: approvedBy.length, self_approved: isOwn },
    }
    const origin = originOf(caller, context)
    if (approvedBy.length < (transaction.approval?.required ?? 1)) {
      await saveSteps(tx, origin, transaction, [approved])
      return transactionView(transaction, { members, approvedBy, accounts: seenBy(accounts, caller) })
    }
    const after = await post(tx, transaction, { accounts, heldBefore: transaction.amount, at })
    const next = resolvedAs(transaction, { status: 'posted', by: userId, at })
    await saveSteps(tx, origin, transaction, [approved, { action: 'transaction.posted', next, at }])
    const { reverses, reason } = transaction
    if (reverses)
      await markReversed(tx, origin, { id: reverses, by: transaction.id, reason: reason ?? undefined, at })
    return transactionView(next, { members, approvedBy, accounts: seenBy(after, caller) })
  }
