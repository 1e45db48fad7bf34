import type { SubmitTransaction, Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { lockAccounts } from '../accounts/account-store.ts'
import type { Clock } from '../clock.ts'
import { findMembers } from '../members/member-store.ts'
import type { EffectivePolicy, FindPolicy } from '../policy.ts'
import { decideWaiting } from './decide-approval.ts'
import { decideTransaction } from './decide-transaction.ts'
import { enterTransaction } from './enter-transaction.ts'
import type { LedgerTransaction } from './transaction.ts'
import { spentSince } from './transaction-store.ts'
import { transactionValues, transactionView } from './transaction-view.ts'

export interface SubmitDeps extends Clock {
  findPolicy: FindPolicy
}

/** Use-case: money is spent, earned or moved at once, or waits when it is above the caller's threshold. */
export const submitTransaction =
  (deps: SubmitDeps) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: SubmitTransaction,
  ): Promise<Transaction> => {
    const now = deps.now()
    const ids = [command.account_id, ...(command.to_account_id ? [command.to_account_id] : [])]
    const policy = deps.findPolicy(caller.role, command.currency)
    const spent = await spentInWindow(tx, policy, { ...caller, currency: command.currency }, now)
    const locked = await lockAccounts(
      tx,
      caller.familyId,
      ids,
      command.type === 'transfer' ? undefined : command.currency,
    )
    const draft = decideTransaction(command, caller, locked, now)
    // Money that comes in needs nobody's approval.
    const waiting = draft.type === 'income' ? null : decideWaiting(draft.amount, spent, policy, now)
    const { transaction, accounts } = await enterTransaction(tx, draft, {
      id: deps.newId(),
      waiting,
      accounts: locked,
    })
    await enqueue(tx, [enteredEvent(caller, context, transaction)])
    const members = waiting ? await findMembers(tx, caller.familyId) : []
    return transactionView(transaction, { members, approvalsGiven: 0, accounts })
  }

/** What the caller spent in the window, or zero for one who has no threshold. */
async function spentInWindow(
  tx: Tx,
  policy: EffectivePolicy,
  spender: { familyId: string; userId: string; currency: string },
  now: Date,
): Promise<bigint> {
  if (policy.threshold === undefined) return 0n
  const since = new Date(now.getTime() - policy.windowSeconds * 1000)
  return await spentSince(tx, spender, since)
}

/** The one event of a new transaction: posted when money moved, submitted when it waits. */
export const enteredEvent = (caller: Caller, context: RequestContext, transaction: LedgerTransaction) =>
  toEvent(
    'ledger',
    originOf(caller, context),
    {
      action: transaction.status === 'posted' ? 'transaction.posted' : 'transaction.submitted',
      entityType: 'transaction',
      entityId: transaction.id,
      version: 1,
      newValues: transactionValues(transaction),
      reason: transaction.reason ?? undefined,
    },
    transaction.createdAt,
  )
