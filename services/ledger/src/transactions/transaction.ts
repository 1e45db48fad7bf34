import type { Approval, TransactionStatus, TransactionType } from '@common-purse/contracts'

/** Why and until when a transaction waits; sums are minor units of its currency. */
export interface Waiting {
  required: number
  why: Approval['why']
  threshold: bigint
  expiresAt: Date
}

/** A transaction as it is first written. */
export interface NewTransaction {
  familyId: string
  id: string
  /** `opening` is what an account starts with; the API shows it as part of the account alone. */
  type: TransactionType | 'opening'
  status: Extract<TransactionStatus, 'posted' | 'pending_approval'>
  accountId: string
  toAccountId: string | null
  amount: bigint
  currency: string
  categoryId: string | null
  description: string | null
  createdBy: string
  occurredAt: Date
  createdAt: Date
  approval: Waiting | null
  /** Why it was reversed, rejected or cancelled. */
  reason: string | null
  /** The transaction that this one undoes. */
  reverses: string | null
}

/** A transaction as it stands in the database. */
export interface LedgerTransaction extends Omit<NewTransaction, 'status'> {
  status: TransactionStatus
  resolvedAt: Date | null
  resolvedBy: string | null
  reversedBy: string | null
  version: number
}
