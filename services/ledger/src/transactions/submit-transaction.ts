import type { SubmitTransaction, Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { ensureCategoryAccount, lockAccounts } from '../accounts/account-store.ts'
import { findCategory } from '../categories/category-store.ts'
import type { Clock } from '../clock.ts'
import { findMembers } from '../members/member-store.ts'
import { effectivePolicy } from '../policy/policy.ts'
import type { FindPolicy } from '../policy/policy-store.ts'
import { decideRequired, decideWaiting } from './decide-approval.ts'
import { decideTransaction } from './decide-transaction.ts'
import { enterTransaction } from './enter-transaction.ts'
import { spentInWindow } from './spent-in-window.ts'
import type { LedgerTransaction } from './transaction.ts'
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
    const { familyId } = caller
    const policy = effectivePolicy(await deps.findPolicy(tx, familyId), {
      role: caller.role,
      accountId: command.account_id,
      currency: command.currency,
    })
    // Money that comes in needs nobody's approval.
    const isSpending = command.type !== 'income'
    const spent = isSpending
      ? await spentInWindow(tx, policy, { ...caller, currency: command.currency, now })
      : 0n
    const { accounts: locked, category } = await lockNamed(tx, familyId, command, deps.newId)
    const draft = decideTransaction(command, caller, { accounts: locked, category }, now)
    const terms = isSpending ? decideWaiting(draft.amount, spent, policy, now) : null
    const members = terms ? await findMembers(tx, familyId) : []
    const { transaction, accounts } = await enterTransaction(tx, draft, {
      id: deps.newId(),
      waiting: terms && { ...terms, required: decideRequired(policy.quorum, caller.userId, members) },
      accounts: locked,
      caller,
    })
    await enqueue(tx, [enteredEvent(caller, context, transaction)])
    return transactionView(transaction, { members, approvedBy: [], accounts })
  }

/** The accounts that the command names and its counterpart, locked; and its category. */
async function lockNamed(tx: Tx, familyId: string, command: SubmitTransaction, newId: () => string) {
  const { currency } = command
  const ids = [command.account_id, ...(command.to_account_id ? [command.to_account_id] : [])]
  const categoryId = command.category_id ?? null
  const category = categoryId === null ? undefined : await findCategory(tx, familyId, categoryId)
  if (category) await ensureCategoryAccount(tx, familyId, { categoryId: category.id, currency, newId })
  const counterpart = command.type === 'transfer' ? undefined : { currency, categoryId }
  return { category, accounts: await lockAccounts(tx, familyId, ids, counterpart) }
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
