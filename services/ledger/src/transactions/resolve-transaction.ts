import {
  type EventAction,
  hasPermission,
  Problem,
  type Transaction,
  type TransactionStatus,
} from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { enqueue, type Origin, toEvent } from '@common-purse/kit/outbox'
import { canSee, type LedgerAccount } from '../accounts/account.ts'
import { lockAccounts } from '../accounts/account-store.ts'
import { hold } from './enter-transaction.ts'
import type { LedgerTransaction } from './transaction.ts'
import { findApprovedBy, lockWithOriginal, saveResolution } from './transaction-store.ts'
import { transactionValues, transactionView } from './transaction-view.ts'

/** A waiting transaction and its accounts, all locked. */
export interface Locked {
  transaction: LedgerTransaction
  accounts: LedgerAccount[]
}

const isOver = ({ status, approval }: LedgerTransaction, now: Date) =>
  status === 'pending_approval' && approval !== null && approval.expiresAt <= now

/** Locks the accounts between which a transaction moves money, its counterpart too. */
export const lockAccountsOf = (tx: Tx, transaction: LedgerTransaction): Promise<LedgerAccount[]> => {
  const { familyId, accountId, toAccountId, currency, categoryId } = transaction
  const ids = [accountId, ...(toAccountId ? [toAccountId] : [])]
  return lockAccounts(tx, familyId, ids, toAccountId ? undefined : { currency, categoryId })
}

/** What asks somebody for approval is shown to them, even when its account is not; so is what one asked for oneself. */
export async function lockWaiting(tx: Tx, caller: Caller, id: string, now: Date): Promise<Locked> {
  const transaction = await lockWithOriginal(tx, caller.familyId, id)
  const unknown = new Problem('not_found', 'There is no such transaction that you can see')
  if (!transaction) throw unknown
  const accounts = await lockAccountsOf(tx, transaction)
  const concerned =
    transaction.createdBy === caller.userId || hasPermission(caller.role, 'transaction.approve')
  if (!concerned && !accounts.some((account) => canSee(account, caller))) throw unknown
  if (transaction.status !== 'pending_approval' || isOver(transaction, now))
    throw new Problem(
      'already_resolved',
      `This transaction is ${isOver(transaction, now) ? 'expired' : transaction.status}`,
    )
  return { transaction, accounts }
}

export interface End {
  status: TransactionStatus
  by?: string
  reason?: string | undefined
  at: Date
}

export const resolvedAs = (transaction: LedgerTransaction, end: End): LedgerTransaction => ({
  ...transaction,
  status: end.status,
  resolvedAt: end.at,
  resolvedBy: end.by ?? null,
  reason: end.reason ?? transaction.reason,
})

export interface Released extends Locked {
  approvedBy: string[]
}

/** What waits ends without money moving, and the hold is released. */
export async function release(
  tx: Tx,
  origin: Origin,
  { transaction, accounts }: Locked,
  end: End,
): Promise<Released> {
  const next = resolvedAs(transaction, end)
  const action = `transaction.${end.status}` as EventAction
  await saveSteps(tx, origin, transaction, [{ action, next, at: end.at, reason: end.reason }])
  return {
    transaction: next,
    accounts: await hold(tx, transaction, accounts, -transaction.amount),
    approvedBy: await findApprovedBy(tx, transaction.familyId, transaction.id),
  }
}

/** What was released, as who did it sees it. */
export const releasedView = ({ transaction, accounts, approvedBy }: Released, viewer: Caller): Transaction =>
  transactionView(transaction, { members: [], approvedBy, accounts: seenBy(accounts, viewer) })

/** Balances are told only to those who see the account; what waits is also shown to who may approve it. */
export const seenBy = (accounts: LedgerAccount[], viewer: Caller): LedgerAccount[] =>
  accounts.filter((account) => canSee(account, viewer))

/** One event of a transaction and the state after it. */
export interface Step {
  action: EventAction
  next: LedgerTransaction
  at: Date
  reason?: string | undefined
  more?: Record<string, unknown>
}

/** Saves the last state, with an event for each step, numbered on from the transaction's version. */
export async function saveSteps(
  tx: Tx,
  origin: Origin,
  before: LedgerTransaction,
  steps: Step[],
): Promise<void> {
  const states = [before, ...steps.map(({ next }) => next)]
  await saveResolution(tx, origin.familyId, before.id, {
    ...states.at(-1)!,
    version: before.version + steps.length,
  })
  const events = steps.map(({ action, next, at, reason, more }, index) =>
    toEvent(
      'ledger',
      origin,
      {
        action,
        entityType: 'transaction',
        entityId: before.id,
        version: before.version + 1 + index,
        oldValues: { status: states[index]!.status },
        newValues: { ...transactionValues(next), ...more },
        reason,
      },
      at,
    ),
  )
  await enqueue(tx, events)
}
