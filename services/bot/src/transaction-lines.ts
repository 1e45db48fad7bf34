import type { Transaction } from '@common-purse/contracts'
import type { Names } from './load-names.ts'
import { shown } from './plain-text.ts'
import type { Texts } from './texts/index.ts'

const DESCRIPTION_MAX = 80

/** Pure: the sum as it moves the family's money: out, in, or, for a transfer, neither. */
export function movedAmount({ type, amount, currency, reverses }: Transaction, { format }: Texts): string {
  if (type === 'transfer') return format.money(amount, currency)
  // A reversal has the type of what it takes back, and moves the money the other way.
  const isOut = (type === 'expense') === (reverses === null)
  return format.signed(isOut ? `-${amount}` : amount, currency)
}

/** Pure: an entry in two lines: when, how much and what for; where, by whom and how it stands. */
export function transactionLines(transaction: Transaction, names: Names, texts: Texts): string {
  const { occurred_at, description, created_by, status, reverses } = transaction
  const { list, format } = texts
  const what = description === null ? list.unnamed : shown(description, DESCRIPTION_MAX)
  const facts = [
    placeOf(transaction, names, texts),
    names.member(created_by) ?? list.somebody,
    list.state[status],
    reverses === null ? '' : list.undoes,
  ]
  const head = [format.day(occurred_at), movedAmount(transaction, texts), what].join('  ')
  return `${head}\n    ${facts.filter((fact) => fact !== '').join(' · ')}`
}

function placeOf(
  { account_id, to_account_id, reverses }: Transaction,
  names: Names,
  { list }: Texts,
): string {
  const from = names.account(account_id) ?? list.hiddenAccount
  if (to_account_id === null) return from
  const to = names.account(to_account_id) ?? list.hiddenAccount
  return reverses === null ? `${from} → ${to}` : `${to} → ${from}`
}
