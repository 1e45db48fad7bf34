import type { Transaction } from '@common-purse/contracts'
import { formatMoney } from '../format.ts'
import { texts } from '../texts.ts'
import type { FamilyMoney } from './use-family-money.ts'

/** "Wallet", or "Wallet → Savings" of a transfer; accounts one cannot see are left out. */
export function accountsText(transaction: Transaction, accounts: FamilyMoney['accounts']): string {
  const ids = [transaction.account_id, transaction.to_account_id]
  const names = ids.map((id) => accounts.find((account) => account.id === id)?.name).filter(Boolean)
  return names.join(transaction.reverses ? ' ← ' : ' → ')
}

export const nameOf = (userId: string, members: FamilyMoney['members']): string =>
  members.find((member) => member.user_id === userId)?.display_name ?? texts.transactions.somebody

/** What it was for, in one line. */
export function titleOf({ type, description, reverses }: Transaction): string {
  const title = description ?? texts.spend.types[type]
  return reverses ? texts.transactions.reversalOf(title) : title
}

/** 1 adds money to the account, -1 takes it, 0 only moves it; a reversal does the opposite of its type. */
export function direction({ type, reverses }: Transaction): 1 | 0 | -1 {
  if (type === 'transfer') return 0
  return (type === 'income') === (reverses === null) ? 1 : -1
}

const signs = { '1': '+', '0': '', '-1': '−' } as const

export const sumText = (transaction: Transaction): string =>
  signs[direction(transaction)] + formatMoney(transaction.amount, transaction.currency)

/** What it is about in one line, for questions and news. */
export const whatOf = (transaction: Transaction): string => `${titleOf(transaction)}, ${sumText(transaction)}`

/** Transactions under the names of their days, in the order in which they come. */
export function byDay(
  transactions: readonly Transaction[],
  nameOfDay: (instant: string) => string,
): [string, Transaction[]][] {
  const days = new Map<string, Transaction[]>()
  for (const transaction of transactions) {
    const day = nameOfDay(transaction.occurred_at)
    days.set(day, [...(days.get(day) ?? []), transaction])
  }
  return [...days]
}
