import {
  type EventAction,
  hasPermission,
  Problem,
  type Transaction,
  type TransactionStatus,
} from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, type Origin, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { canSee, type LedgerAccount } from '../accounts/account.ts'
import { lockAccounts } from '../accounts/account-store.ts'
import type { Clock } from '../clock.ts'
import { findMembers } from '../members/member-store.ts'
import { decideApprover } from './decide-approval.ts'
import { requireOpen } from './decide-transaction.ts'
import { hold, post } from './enter-transaction.ts'
import { markReversed } from './mark-reversed.ts'
import type { LedgerTransaction } from './transaction.ts'
import { countApprovals, insertApproval, lockTransaction, saveResolution } from './transaction-store.ts'
import { transactionValues, transactionView } from './transaction-view.ts'

/** A waiting transaction and its accounts, all locked. */
interface Locked {
  transaction: LedgerTransaction
  accounts: LedgerAccount[]
}

/** Use-case: gives one approval; with the last one that is needed the money moves. */
export const approveTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; comment?: string | undefined },
  ): Promise<Transaction> => {
    const { transaction, accounts } = await lockWaiting(tx, caller, command.id, now())
    const members = await findMembers(tx, caller.familyId)
    const isOwn = decideApprover(transaction.createdBy, caller, members)
    accounts.filter(({ ownerId }) => ownerId !== null).forEach(requireOpen)
    const at = now()
    const { familyId, userId } = caller
    if (
      !(await insertApproval(tx, {
        familyId,
        transactionId: transaction.id,
        userId,
        comment: command.comment,
        at,
      }))
    )
      throw new Problem('already_resolved', 'You approved this before; somebody else has to')
    const approvalsGiven = await countApprovals(tx, familyId, transaction.id)
    const complete = approvalsGiven >= (transaction.approval?.required ?? 1)
    const next = nextOf(
      transaction,
      complete ? { status: 'posted', by: userId, at } : { status: 'pending_approval' },
    )
    const approved = {
      action: 'transaction.approved' as const,
      newValues: { ...transactionValues(next), approvals_given: approvalsGiven, self_approved: isOwn },
      reason: command.comment,
    }
    const origin = originOf(caller, context)
    if (!complete) {
      await save(tx, origin, { before: transaction, after: next, at }, [approved])
      return transactionView(next, { members, approvalsGiven, accounts })
    }
    const after = await post(tx, transaction, { accounts, heldBefore: transaction.amount, at })
    const resolved = { ...next, version: next.version + 1 }
    const posted = { action: 'transaction.posted' as const, newValues: transactionValues(resolved) }
    await save(tx, origin, { before: transaction, after: resolved, at }, [approved, posted])
    if (transaction.reverses)
      await markReversed(tx, origin, { id: transaction.reverses, by: transaction.id, at })
    return transactionView(resolved, { members, approvalsGiven, accounts: after })
  }

/** Use-case: refuses what waits; nothing moves and the hold is released. */
export const rejectTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; reason: string },
  ): Promise<Transaction> => {
    const locked = await lockWaiting(tx, caller, command.id, now())
    const end = { status: 'rejected' as const, by: caller.userId, reason: command.reason, at: now() }
    return await release(tx, originOf(caller, context), locked, end)
  }

/** Use-case: the author takes back what still waits. */
export const cancelTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; comment?: string | undefined },
  ): Promise<Transaction> => {
    const locked = await lockWaiting(tx, caller, command.id, now())
    if (locked.transaction.createdBy !== caller.userId)
      throw new Problem(
        'permission_denied',
        'Only its author cancels a transaction; owners and adults may reject it',
      )
    const end = { status: 'cancelled' as const, by: caller.userId, reason: command.comment, at: now() }
    return await release(tx, originOf(caller, context), locked, end)
  }

/** Use-case: ends the waiting of a transaction whose time is over; false when somebody was faster. */
export const expireTransaction =
  ({ now }: Clock) =>
  async (tx: Tx, familyId: string, id: string): Promise<boolean> => {
    const transaction = await lockTransaction(tx, familyId, id)
    if (!transaction || !isOver(transaction, now())) return false
    const accounts = await lockAccountsOf(tx, transaction)
    await release(tx, { familyId }, { transaction, accounts }, { status: 'expired', at: now() })
    return true
  }

const isOver = ({ status, approval }: LedgerTransaction, now: Date) =>
  status === 'pending_approval' && approval !== null && approval.expiresAt <= now

const lockAccountsOf = (tx: Tx, { familyId, accountId, toAccountId, currency }: LedgerTransaction) =>
  lockAccounts(
    tx,
    familyId,
    [accountId, ...(toAccountId ? [toAccountId] : [])],
    toAccountId ? undefined : currency,
  )

/** What asks somebody for approval is shown to them, even when its account is not. */
async function lockWaiting(tx: Tx, caller: Caller, id: string, now: Date): Promise<Locked> {
  const transaction = await lockTransaction(tx, caller.familyId, id)
  const unknown = new Problem('not_found', 'There is no such transaction that you can see')
  if (!transaction) throw unknown
  const accounts = await lockAccountsOf(tx, transaction)
  const mayApprove = hasPermission(caller.role, 'transaction.approve')
  if (!mayApprove && !accounts.some((account) => canSee(account, caller))) throw unknown
  if (transaction.status !== 'pending_approval' || isOver(transaction, now))
    throw new Problem(
      'already_resolved',
      `This transaction is ${isOver(transaction, now) ? 'expired' : transaction.status}`,
    )
  return { transaction, accounts }
}

interface End {
  status: TransactionStatus
  by?: string
  reason?: string | undefined
  at?: Date
}

const nextOf = (transaction: LedgerTransaction, end: End): LedgerTransaction => ({
  ...transaction,
  status: end.status,
  resolvedAt: end.status === 'pending_approval' ? null : (end.at ?? null),
  resolvedBy: end.by ?? null,
  reason: end.reason ?? transaction.reason,
  version: transaction.version + 1,
})

async function release(
  tx: Tx,
  origin: Origin,
  { transaction, accounts }: Locked,
  end: End & { at: Date },
): Promise<Transaction> {
  const next = nextOf(transaction, end)
  const after = await hold(tx, transaction, accounts, -transaction.amount)
  const action = `transaction.${end.status}` as EventAction
  await save(tx, origin, { before: transaction, after: next, at: end.at }, [
    { action, newValues: transactionValues(next), reason: end.reason },
  ])
  return transactionView(next, { members: [], approvalsGiven: 0, accounts: after })
}

interface Step {
  action: EventAction
  newValues: Record<string, unknown>
  reason?: string | undefined
}

/** The new state with its events, numbered on from the transaction's version. */
async function save(
  tx: Tx,
  origin: Origin,
  { before, after, at }: { before: LedgerTransaction; after: LedgerTransaction; at: Date },
  steps: Step[],
): Promise<void> {
  await saveResolution(tx, origin.familyId, before.id, after)
  const events = steps.map((step, index) =>
    toEvent(
      'ledger',
      origin,
      {
        ...step,
        entityType: 'transaction',
        entityId: before.id,
        version: before.version + 1 + index,
        oldValues: { status: index === 0 ? before.status : after.status },
      },
      at,
    ),
  )
  await enqueue(tx, events)
}
