import { ApiError } from '@common-purse/client'
import { type Account, type SubmitTransaction, toDecimal, toMinorUnits } from '@common-purse/contracts'
import type { Api, Signed } from './api.ts'
import type { Draft } from './draft-store.ts'
import { explainError, isPassing } from './explain-error.ts'
import { shown } from './plain-text.ts'
import type { Texts } from './texts/index.ts'

/** What the purse says beforehand: a line for the card, or a refusal that no confirming would change. */
export type Preview = { note: string | undefined } | { refusal: string }

type Planned = Omit<Draft, 'id' | 'sent'>

/** What is sent of a draft, as a trial and when it is confirmed. */
export const bodyOf = (draft: Planned): SubmitTransaction => ({
  type: draft.type,
  account_id: draft.accountId,
  amount: draft.amount,
  currency: draft.currency,
  ...(draft.description === undefined ? {} : { description: draft.description }),
  ...(draft.to === undefined ? {} : { to_account_id: draft.to.id }),
  ...(draft.category === undefined ? {} : { category_id: draft.category.id }),
})

interface Circumstances {
  texts: Texts
  account: Account
  inGroup: boolean
}

/** Asks the purse what would come of the entry. Where it cannot say so now, confirming will show. */
export async function previewEntry(
  api: Api,
  session: Signed,
  draft: Planned,
  { texts, account, inGroup }: Circumstances,
): Promise<Preview> {
  try {
    const query = { dry_run: 'true' as const }
    const { status, approval } = await api.as(session, 'submitTransaction', { query, body: bodyOf(draft) })
    if (status !== 'pending_approval' || !approval) return { note: undefined }
    const who = approval.can_approve.map(({ display_name }) => shown(display_name)).join(', ')
    return { note: texts.entry.willWait(who || texts.entry.nobody) }
  } catch (error) {
    if (isPassing(error)) return { note: undefined }
    const isShort = error instanceof ApiError && error.problem.code === 'insufficient_funds'
    if (!isShort) return { refusal: explainError(error, texts) }
    return { note: texts.entry.short(inGroup ? undefined : spendable(account, texts)) }
  }
}

/** What can be spent of an account, its overdraft included. */
function spendable({ balance, overdraft_limit, currency }: Account, { format }: Texts): string {
  const left = toMinorUnits(balance.available, currency) + toMinorUnits(overdraft_limit, currency)
  return format.money(toDecimal(left < 0n ? 0n : left, currency), currency)
}
