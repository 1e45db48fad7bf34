import type { Account, TransactionType } from '@common-purse/contracts'
import { parseAmount } from '../parse-amount.ts'

const dayOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')

/** Today where the person is, as an input of dates writes it. */
export const today = (now: Date = new Date()): string => dayOf(now)

/** What the form sends. Today's has no time of its own: it happens now. Another day's happened at its noon. */
export function toSubmission(
  type: TransactionType,
  account: Pick<Account, 'id' | 'currency'>,
  given: Record<string, string>,
  now: Date = new Date(),
) {
  const { amount = '', description = '', category_id, to_account_id, occurred_at: day } = given
  return {
    type,
    account_id: account.id,
    amount: parseAmount(amount),
    currency: account.currency,
    ...(type === 'transfer' ? { to_account_id } : {}),
    ...(type !== 'transfer' && category_id ? { category_id } : {}),
    ...(description.trim() ? { description: description.trim() } : {}),
    ...(day && day !== today(now) ? { occurred_at: new Date(`${day}T12:00:00`).toISOString() } : {}),
  }
}
export type Submission = ReturnType<typeof toSubmission>
