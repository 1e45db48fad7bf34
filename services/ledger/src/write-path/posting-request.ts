import { decimalPlaces, hasPermission, type SubmitTransaction, toMinorUnits } from '@common-purse/contracts'
import type { DomainEvent } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { IdempotentRequest } from '@common-purse/kit/idempotency'
import type { RequestContext } from '@common-purse/kit/request-context'
import { effectivePolicy, type FamilyPolicy } from '../policy/policy.ts'
import { enteredEvent } from '../transactions/submit-transaction.ts'
import type { LedgerTransaction } from '../transactions/transaction.ts'
import { transactionView } from '../transactions/transaction-view.ts'

/** One transaction as `ledger.post_transactions` takes it; its place in the batch is added there. */
export interface PostingRequest {
  family_id: string
  key: string
  fingerprint: string
  created_by: string
  reads_all: boolean
  id: string
  type: string
  account_id: string
  to_account_id: string | null
  /** Minor units. */
  amount: string
  currency: string
  places: number
  category_id: string | null
  description: string | null
  occurred_at: string
  created_at: string
  /** The policy that the next three come from; null for money that comes in. */
  policy_version: number | null
  threshold: string | null
  since: string | null
  summed_account_id: string | null
  event: DomainEvent
  /** The answer up to its last value, `balances_after`. */
  body: string
}

export interface Submission {
  caller: Caller
  context: RequestContext
  command: SubmitTransaction
  idempotency: IdempotentRequest
}

const DAY_MS = 86_400_000

/** Pure: false for what lies too far in the future, which is refused without a look at the database. */
export const isPlain = ({ occurred_at }: SubmitTransaction, now: Date): boolean =>
  occurred_at === undefined || new Date(occurred_at).getTime() <= now.getTime() + DAY_MS

/** Pure: the request of a transaction that shall be posted at once if everything allows it. */
export function postingRequest(
  { caller, context, command, idempotency }: Submission,
  policy: FamilyPolicy,
  { id, now }: { id: string; now: Date },
): PostingRequest {
  const transaction = posted(command, caller, { id, now })
  return {
    family_id: caller.familyId,
    key: idempotency.key,
    fingerprint: idempotency.fingerprint,
    created_by: caller.userId,
    reads_all: hasPermission(caller.role, 'account.read.all'),
    id,
    type: command.type,
    account_id: command.account_id,
    to_account_id: transaction.toAccountId,
    amount: String(transaction.amount),
    currency: command.currency,
    places: decimalPlaces(command.currency),
    category_id: transaction.categoryId,
    description: transaction.description,
    occurred_at: transaction.occurredAt.toISOString(),
    created_at: now.toISOString(),
    ...terms(command, caller, policy, now),
    event: enteredEvent(caller, context, transaction),
    body: bodyStart(transaction),
  }
}

type Terms = Pick<PostingRequest, 'policy_version' | 'threshold' | 'since' | 'summed_account_id'>

function terms(command: SubmitTransaction, caller: Caller, policy: FamilyPolicy, now: Date): Terms {
  if (command.type === 'income')
    return { policy_version: null, threshold: null, since: null, summed_account_id: null }
  const { threshold, windowSeconds, summedAccountId } = effectivePolicy(policy, {
    role: caller.role,
    accountId: command.account_id,
    currency: command.currency,
  })
  return {
    policy_version: policy.version,
    threshold: threshold === undefined ? null : String(threshold),
    since: windowSeconds === 0 ? null : new Date(now.getTime() - windowSeconds * 1000).toISOString(),
    summed_account_id: summedAccountId,
  }
}

function posted(
  command: SubmitTransaction,
  caller: Caller,
  { id, now }: { id: string; now: Date },
): LedgerTransaction {
  return {
    familyId: caller.familyId,
    id,
    type: command.type,
    status: 'posted',
    accountId: command.account_id,
    toAccountId: command.to_account_id ?? null,
    amount: toMinorUnits(command.amount, command.currency),
    currency: command.currency,
    categoryId: command.category_id ?? null,
    description: command.description ?? null,
    createdBy: caller.userId,
    occurredAt: command.occurred_at === undefined ? now : new Date(command.occurred_at),
    createdAt: now,
    approval: null,
    reason: null,
    reverses: null,
    resolvedAt: null,
    resolvedBy: null,
    reversedBy: null,
    version: 1,
  }
}

const UNKNOWN_BALANCES = 'null}'

function bodyStart(transaction: LedgerTransaction): string {
  const text = JSON.stringify(transactionView(transaction, { members: [], approvedBy: [] }))
  // The view's last value is balances_after; only the database knows it.
  return text.slice(0, -UNKNOWN_BALANCES.length)
}
