import { type Approval, toDecimal, type Transaction } from '@common-purse/contracts'
import { balanceView, type LedgerAccount } from '../accounts/account.ts'
import type { Member } from '../members/member-store.ts'
import { approversFor } from './decide-approval.ts'
import type { LedgerTransaction } from './transaction.ts'

export interface Surroundings {
  members: Member[]
  /** Who gave an approval, each once. */
  approvedBy: readonly string[]
  /** The people's accounts that a change touched, as they are after it; none when nothing was changed. */
  accounts?: LedgerAccount[]
}

/** A transaction as the API shows it. */
export function transactionView(transaction: LedgerTransaction, around: Surroundings): Transaction {
  const { currency } = transaction
  return {
    id: transaction.id,
    type: transaction.type as Transaction['type'],
    status: transaction.status,
    account_id: transaction.accountId,
    to_account_id: transaction.toAccountId,
    amount: toDecimal(transaction.amount, currency),
    currency,
    category_id: transaction.categoryId,
    description: transaction.description,
    created_by: transaction.createdBy,
    occurred_at: transaction.occurredAt.toISOString(),
    created_at: transaction.createdAt.toISOString(),
    resolved_at: transaction.resolvedAt?.toISOString() ?? null,
    resolved_by: transaction.resolvedBy,
    reason: transaction.reason,
    reverses: transaction.reverses,
    reversed_by: transaction.reversedBy,
    approval: approvalView(transaction, around),
    balances_after: around.accounts ? balancesAfter(around.accounts) : null,
  }
}

function approvalView(
  { approval, status, createdBy, currency }: LedgerTransaction,
  around: Surroundings,
): Approval | null {
  if (!approval) return null
  const approvers = status === 'pending_approval' ? approversFor(createdBy, around.members) : []
  const stillMay = approvers.filter(({ userId }) => !around.approvedBy.includes(userId))
  return {
    required: approval.required,
    given: around.approvedBy.length,
    why: approval.why,
    threshold: toDecimal(approval.threshold, currency),
    expires_at: approval.expiresAt.toISOString(),
    can_approve: stillMay.map(({ userId, displayName }) => ({ id: userId, display_name: displayName })),
  }
}

const balancesAfter = (accounts: LedgerAccount[]) =>
  accounts
    .filter(({ ownerId }) => ownerId !== null)
    .map((account) => ({ account_id: account.id, ...balanceView(account) }))

/** What the trail keeps of a transaction. */
export function transactionValues(transaction: LedgerTransaction): Record<string, unknown> {
  const view = transactionView(transaction, { members: [], approvedBy: [] })
  const { balances_after: _balances, approval: _approval, ...values } = view
  return values
}
