import * as z from 'zod'
import { Currency } from './currencies.ts'
import { amountError, DecimalAmount, SignedAmount } from './money.ts'
import { pageOf, pageQuery } from './paging.ts'
import { line, Uuid } from './text.ts'

export const AccountKind = z
  .enum(['cash', 'bank', 'card', 'savings', 'credit', 'loan'])
  .meta({ id: 'AccountKind' })
export const Visibility = z.enum(['family', 'shared', 'private']).meta({ id: 'Visibility' })
export type Visibility = z.output<typeof Visibility>

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
  .meta({ id: 'OpenAccount' })
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
    status: z.enum(['open', 'closed']),
    overdraft_limit: SignedAmount,
    balance: Balance,
    created_at: z.string(),
  })
  .meta({ id: 'Account' })
export type Account = z.output<typeof Account>

export const AccountPage = pageOf(Account, 'AccountPage')
export const ListAccounts = z.strictObject(pageQuery)
