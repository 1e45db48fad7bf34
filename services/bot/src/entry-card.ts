import type { Account, Transaction } from '@common-purse/contracts'
import type { Keyboard } from './chat.ts'
import type { Draft } from './draft-store.ts'
import type { Texts } from './texts/index.ts'

/** What the buttons of a card carry: an action, the draft's id, and for `to` an account's. At most 64 bytes. */
export const tapShape = /^add:(ok|no|to):([\w-]{16})(?::([0-9a-f-]{36}))?$/

const OTHERS_MAX = 4

const money = (amount: string, currency: string) => `${amount} ${currency}`

export const cardText = (draft: Draft, texts: Texts): string =>
  texts.entry.card(draft.type, money(draft.amount, draft.currency), draft.accountName, draft.description)

/** Confirm and Cancel, and the other accounts it could be. */
export const cardKeyboard = ({ id }: Draft, others: readonly Account[], texts: Texts): Keyboard => [
  [
    { text: texts.common.confirm, callback_data: `add:ok:${id}` },
    { text: texts.common.cancel, callback_data: `add:no:${id}` },
  ],
  ...others
    .slice(0, OTHERS_MAX)
    .map((account) => [{ text: `→ ${account.name}`, callback_data: `add:to:${id}:${account.id}` }]),
]

/** What came of an entry: booked with the balance, or waiting and for whom. In a group the balance is left out. */
export function outcomeText(
  draft: Draft,
  transaction: Transaction,
  texts: Texts,
  showBalance: boolean,
): string {
  const head = [money(draft.amount, draft.currency), draft.description].filter(Boolean).join(' · ')
  const sign = draft.type === 'expense' ? '−' : '+'
  return `${sign}${head}\n${resultText(draft, transaction, texts, showBalance)}`
}

function resultText(draft: Draft, transaction: Transaction, texts: Texts, showBalance: boolean): string {
  const { approval, balances_after } = transaction
  if (transaction.status === 'pending_approval' && approval) {
    const who = approval.can_approve.map(({ display_name }) => display_name).join(', ')
    return texts.entry.pending(
      who || texts.entry.nobody,
      approval.expires_at.slice(0, 16).replace('T', ' ') + ' UTC',
    )
  }
  const balance = balances_after?.find(({ account_id }) => account_id === draft.accountId)
  const shown = showBalance && balance ? money(balance.available, draft.currency) : undefined
  return texts.entry.posted(draft.accountName, shown)
}
