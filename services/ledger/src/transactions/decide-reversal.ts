import { Problem } from '@common-purse/contracts'
import type { Draft } from './decide-transaction.ts'
import type { LedgerTransaction } from './transaction.ts'

/** Pure: the opposite of a posted transaction. Throws a Problem when it cannot be undone. */
export function decideReversal(
  original: LedgerTransaction,
  by: { userId: string; reason: string },
  now: Date,
): Draft {
  if (original.status === 'reversed')
    throw new Problem('already_reversed', 'This transaction was reversed before')
  if (original.reverses !== null) throw new Problem('not_reversible', 'A reversal cannot be reversed')
  if (original.status !== 'posted')
    throw new Problem('not_reversible', `Only what is posted can be reversed; this is ${original.status}`)
  return {
    familyId: original.familyId,
    type: original.type,
    accountId: original.accountId,
    toAccountId: original.toAccountId,
    amount: original.amount,
    currency: original.currency,
    categoryId: original.categoryId,
    description: original.description,
    createdBy: by.userId,
    occurredAt: now,
    createdAt: now,
    reason: by.reason,
    reverses: original.id,
  }
}
