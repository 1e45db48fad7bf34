import * as z from 'zod'
import { Balance } from './accounts.ts'
import { Currency } from './currencies.ts'
import { amountError, DecimalAmount } from './money.ts'
import { pageOf, pageQuery } from './paging.ts'
import { Instant, line, requireOrder, Uuid } from './text.ts'

export const TransactionType = z.enum(['expense', 'income', 'transfer']).meta({ id: 'TransactionType' })
export type TransactionType = z.output<typeof TransactionType>

export const TransactionStatus = z
  .enum(['pending_approval', 'posted', 'rejected', 'cancelled', 'expired', 'reversed'])
  .meta({ id: 'TransactionStatus' })
export type TransactionStatus = z.output<typeof TransactionStatus>

/** Money moves from `account_id` (expense), into it (income), or from it to `to_account_id` (transfer). */
export const SubmitTransaction = z
  .strictObject({
    type: TransactionType,
    account_id: Uuid,
    to_account_id: Uuid.nullish(),
    amount: DecimalAmount.refine((text) => /[1-9]/.test(text), 'Expected more than zero'),
    currency: Currency,
    category_id: Uuid.nullish(),
    description: line(200).nullish(),
    occurred_at: Instant.optional(),
  })
  .superRefine((body, context) => {
    const issue = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    const wrongAmount = amountError(body.amount, body.currency)
    if (wrongAmount) issue('amount', wrongAmount)
    if (body.type === 'transfer' && !body.to_account_id)
      issue('to_account_id', 'Expected the account a transfer goes to')
    if (body.type !== 'transfer' && body.to_account_id) issue('to_account_id', 'Only a transfer has one')
    if (body.type === 'transfer' && body.to_account_id === body.account_id)
      issue('to_account_id', 'Expected another account than account_id')
    if (body.type === 'transfer' && body.category_id)
      issue('category_id', 'A transfer stays in the family and has no category')
  })
  .meta({
    id: 'SubmitTransaction',
    examples: [
      {
        type: 'expense',
        account_id: '019d2f6e-7a1b-7c3d-8e4f-5a6b7c8d9e0f',
        amount: '12.50',
        currency: 'EUR',
        description: 'coffee',
      },
    ],
  })
export type SubmitTransaction = z.output<typeof SubmitTransaction>

export const SubmitTransactionQuery = z.strictObject({ dry_run: z.enum(['true', 'false']).optional() })

/** Why a transaction waits, for how many approvals, until when, and who may give them. */
export const Approval = z
  .object({
    required: z.int(),
    given: z.int(),
    why: z.enum(['above_threshold', 'rolling_sum']),
    threshold: z.string(),
    expires_at: z.string(),
    can_approve: z.array(z.object({ id: z.uuid(), display_name: z.string() })),
  })
  .meta({ id: 'Approval' })
export type Approval = z.output<typeof Approval>

export const BalanceAfter = Balance.extend({ account_id: z.uuid() }).meta({ id: 'BalanceAfter' })

export const Transaction = z
  .object({
    id: z.uuid().nullable(),
    type: TransactionType,
    status: TransactionStatus,
    account_id: z.uuid(),
    to_account_id: z.uuid().nullable(),
    amount: z.string(),
    currency: z.string(),
    category_id: z.uuid().nullable(),
    description: z.string().nullable(),
    created_by: z.uuid(),
    occurred_at: z.string(),
    created_at: z.string(),
    resolved_at: z.string().nullable(),
    resolved_by: z.uuid().nullable(),
    reason: z.string().nullable(),
    reverses: z.uuid().nullable(),
    reversed_by: z.uuid().nullable(),
    approval: Approval.nullable(),
    balances_after: z.array(BalanceAfter).nullable(),
  })
  .meta({ id: 'Transaction' })
export type Transaction = z.output<typeof Transaction>

export const TransactionPage = pageOf(Transaction, 'TransactionPage')

/**
 * `from` and `to` speak of `occurred_at`; `to` is not included. A category stands for its children too; an account or a
 * category that the family does not have matches nothing. `q` is looked for in the description, in any case.
 */
const transactionFilters = {
  account_id: Uuid.optional(),
  status: TransactionStatus.optional(),
  type: TransactionType.optional(),
  category_id: Uuid.optional(),
  member_id: Uuid.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  q: line(100).optional(),
}

export const ListTransactions = z
  .strictObject({ ...pageQuery, ...transactionFilters })
  .superRefine(requireOrder)
export type ListTransactions = z.output<typeof ListTransactions>

export const ExportTransactions = z.strictObject(transactionFilters).superRefine(requireOrder)
export type ExportTransactions = z.output<typeof ExportTransactions>

export const ResolveTransaction = z
  .strictObject({ comment: line(200).optional() })
  .meta({ id: 'ResolveTransaction', examples: [{ comment: 'enjoy it' }] })
export const RejectTransaction = z
  .strictObject({ reason: line(200), comment: line(200).optional() })
  .meta({ id: 'RejectTransaction', examples: [{ reason: 'not this month' }] })
export const ReverseTransaction = z
  .strictObject({ reason: line(200) })
  .meta({ id: 'ReverseTransaction', examples: [{ reason: 'the wrong amount' }] })
