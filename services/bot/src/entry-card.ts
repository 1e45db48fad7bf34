import { type Account, toDecimal, toMinorUnits, type Transaction } from '@common-purse/contracts'
import type { Keyboard } from './chat.ts'
import type { Draft } from './draft-store.ts'
import { shown } from './plain-text.ts'
import type { Texts } from './texts/index.ts'

/** What the buttons of a card carry: an action, the draft's id, and for `to` an account's. At most 64 bytes. */
export const tapShape = /^add:(ok|no|to):([\w-]{16})(?::([0-9a-f-]{36}))?$/

const OTHERS_MAX = 4
const BUTTON_MAX = 40
const DESCRIPTION_MAX = 200

/** With all decimal places of the currency; what people write may have fewer. */
const sumOf = ({ amount, currency }: Draft) => toDecimal(toMinorUnits(amount, currency), currency)

/** What the person is asked; `note` is what the purse says of it beforehand. */
export function cardText(draft: Draft, note: string | undefined, { entry, format }: Texts): string {
  const text = entry.card({
    type: draft.type,
    amount: format.money(sumOf(draft), draft.currency),
    account: shown(draft.accountName),
    to: draft.to && shown(draft.to.name),
    description: draft.description && shown(draft.description, DESCRIPTION_MAX),
    category: draft.category && shown(draft.category.name),
  })
  return note === undefined ? text : `${text}\n\n${note}`
}

/** Confirm and Cancel, and the other accounts it could be. */
export const cardKeyboard = ({ id }: Draft, others: readonly Account[], { common }: Texts): Keyboard => [
  [
    { text: common.confirm, callback_data: `add:ok:${id}` },
    { text: common.cancel, callback_data: `add:no:${id}` },
  ],
  ...others
    .slice(0, OTHERS_MAX)
    .map(({ id: accountId, name }) => [
      { text: `→ ${shown(name, BUTTON_MAX)}`, callback_data: `add:to:${id}:${accountId}` },
    ]),
]

/** The very same request once more, while nobody knows what came of it. */
export const retryKeyboard = ({ id }: Draft, { entry }: Texts): Keyboard => [
  [{ text: entry.again, callback_data: `add:ok:${id}` }],
]

/** What came of an entry: booked with the balance, or waiting and for whom. In a group the balance is left out. */
export function outcomeText(
  draft: Draft,
  transaction: Transaction,
  texts: Texts,
  showBalance: boolean,
): string {
  const { currency, description, type } = draft
  const amount = sumOf(draft)
  const sum =
    type === 'transfer'
      ? texts.format.money(amount, currency)
      : texts.format.signed(type === 'expense' ? `-${amount}` : amount, currency)
  const head = [sum, description && shown(description, DESCRIPTION_MAX)].filter(Boolean).join(' · ')
  return `${head}\n${resultText(draft, transaction, texts, showBalance)}`
}

function resultText(draft: Draft, transaction: Transaction, texts: Texts, showBalance: boolean): string {
  const { approval, balances_after } = transaction
  const { entry, format } = texts
  if (transaction.status === 'pending_approval' && approval) {
    const who = approval.can_approve.map(({ display_name }) => shown(display_name)).join(', ')
    return entry.pending(who || entry.nobody, format.instant(approval.expires_at))
  }
  const balance = balances_after?.find(({ account_id }) => account_id === draft.accountId)
  const sum = showBalance && balance ? format.money(balance.available, draft.currency) : undefined
  return entry.posted(shown(draft.accountName), sum)
}
