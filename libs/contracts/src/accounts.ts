import * as z from 'zod'
import { Currency } from './currencies.ts'
import { amountError, DecimalAmount, SignedAmount } from './money.ts'
import { pageOf, pageQuery } from './paging.ts'
import { Instant, line, requireOrder, Uuid } from './text.ts'

export const AccountKind = z
  .enum(['cash', 'bank', 'card', 'savings', 'credit', 'loan'])
  .meta({ id: 'AccountKind' })
export const Visibility = z.enum(['family', 'shared', 'private']).meta({ id: 'Visibility' })
export type Visibility = z.output<typeof Visibility>

export const AccountStatus = z.enum(['open', 'closed']).meta({ id: 'AccountStatus' })

export const OpenAccount = z
  .strictObject({
    name: line(80),
    kind: AccountKind,
    currency: Currency,
    opening_balance: DecimalAmount.optional(),
    overdraft_limit: DecimalAmount.optional(),
    visibility: Visibility.default('family'),
    shared_with: z.array(Uuid).max(50).optional(),
    owner_id: Uuid.optional(),
  })
  .superRefine((body, context) => {
    for (const field of ['opening_balance', 'overdraft_limit'] as const) {
      const message = body[field] === undefined ? undefined : amountError(body[field], body.currency)
      if (message) context.addIssue({ code: 'custom', path: [field], message })
    }
    if (body.shared_with !== undefined && body.visibility !== 'shared')
      context.addIssue({
        code: 'custom',
        path: ['shared_with'],
        message: 'Only a shared account names people',
      })
  })
  .meta({
    id: 'OpenAccount',
    examples: [{ name: 'Wallet', kind: 'cash', currency: 'EUR', opening_balance: '50.00' }],
  })
export type OpenAccount = z.output<typeof OpenAccount>

/** `available` = `posted` + `pending`; `pending` is what waiting spendings hold, so it is never above zero. */
export const Balance = z
  .object({ posted: SignedAmount, pending: SignedAmount, available: SignedAmount })
  .meta({ id: 'Balance' })
export type Balance = z.output<typeof Balance>

export const Account = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: AccountKind,
    currency: z.string(),
    visibility: Visibility,
    shared_with: z.array(z.uuid()),
    owner_id: z.uuid(),
    status: AccountStatus,
    overdraft_limit: SignedAmount,
    balance: Balance,
    created_at: z.string(),
  })
  .meta({ id: 'Account' })
export type Account = z.output<typeof Account>

export const AccountPage = pageOf(Account, 'AccountPage')
export const ListAccounts = z.strictObject({ ...pageQuery, status: AccountStatus.optional() })
export type ListAccounts = z.output<typeof ListAccounts>

/** What is not given stays. The currency never changes; `status: "open"` opens a closed account again. */
export const UpdateAccount = z
  .strictObject({
    name: line(80).optional(),
    visibility: Visibility.optional(),
    shared_with: z.array(Uuid).max(50).optional(),
    /** In the account's own currency. */
    overdraft_limit: DecimalAmount.optional(),
    status: z.literal('open').optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'Expected at least one field')
  .meta({ id: 'UpdateAccount', examples: [{ name: 'Holiday' }] })
export type UpdateAccount = z.output<typeof UpdateAccount>

export const CloseAccount = z
  .strictObject({ comment: line(200).optional() })
  .meta({ id: 'CloseAccount', examples: [{ comment: 'not needed any more' }] })

/** `at`: the balance as it was recorded at that moment. */
export const BalanceQuery = z.strictObject({ at: Instant.optional() })

/** One line of a statement: a posting on the account and the balance right after it. */
export const AccountEntry = z
  .object({
    transaction_id: z.uuid(),
    /** `opening` is the account's opening balance. */
    type: z.enum(['expense', 'income', 'transfer', 'opening']),
    /** Signed: what came in is positive. */
    amount: SignedAmount,
    balance: SignedAmount,
    currency: z.string(),
    category_id: z.uuid().nullable(),
    description: z.string().nullable(),
    created_by: z.uuid(),
    reverses: z.uuid().nullable(),
    occurred_at: z.string(),
    posted_at: z.string(),
  })
  .meta({ id: 'AccountEntry' })
export type AccountEntry = z.output<typeof AccountEntry>
export const AccountEntryPage = pageOf(AccountEntry, 'AccountEntryPage')
/** Both bounds speak of `posted_at`; `to` is not included. */
export const ListEntries = z
  .strictObject({ ...pageQuery, from: Instant.optional(), to: Instant.optional() })
  .superRefine(requireOrder)
export type ListEntries = z.output<typeof ListEntries>
