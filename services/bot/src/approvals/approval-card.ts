import { hasPermission, type Transaction } from '@common-purse/contracts'
import type { Keyboard } from '../chat.ts'
import { shown } from '../plain-text.ts'
import type { Texts } from '../texts/index.ts'
import type { Seen } from './look-at.ts'
import { type Subject, tapData } from './tap-data.ts'

export interface Card {
  text: string
  keyboard: Keyboard
}

/** True when the viewer is one of those whose approval is awaited. */
export const mayApprove = ({ transaction, viewerId }: Seen): boolean =>
  transaction.status === 'pending_approval' &&
  (transaction.approval?.can_approve.some(({ id }) => id === viewerId) ?? false)

/** Whoever may approve, but is not awaited any more, has done so; but for the author, who is never awaited. */
const hasApproved = (seen: Seen): boolean =>
  hasPermission(seen.viewerRole, 'transaction.approve') &&
  !mayApprove(seen) &&
  seen.transaction.created_by !== seen.viewerId

/** Pure: what waits, with buttons for who may decide; or what became of it, without any. */
export function approvalCard(seen: Seen, familyId: string, texts: Texts): Card {
  const text = [...headLines(seen, texts), ...stateLines(seen, texts)].join('\n')
  return { text, keyboard: mayApprove(seen) ? decisions(subjectOf(seen, familyId), texts) : [] }
}

/** Pure: the same card while its reader is asked why. */
export function reasonCard(seen: Seen, familyId: string, texts: Texts): Card {
  if (!mayApprove(seen)) return approvalCard(seen, familyId, texts)
  const subject = subjectOf(seen, familyId)
  const { whyReject, reasons, ownWords, back } = texts.approval
  const reason = (text: string, index: number) => [
    { text, callback_data: tapData({ action: 'reason', reason: index }, subject) },
  ]
  const rest = [
    { text: ownWords, callback_data: tapData({ action: 'words' }, subject) },
    { text: back, callback_data: tapData({ action: 'back' }, subject) },
  ]
  return {
    text: `${approvalCard(seen, familyId, texts).text}\n\n${whyReject}`,
    keyboard: [...reasons.map(reason), rest],
  }
}

const subjectOf = ({ transaction }: Seen, familyId: string): Subject => ({
  transactionId: transaction.id,
  familyId,
})

const decisions = (subject: Subject, { approval }: Texts): Keyboard => [
  [
    { text: approval.approve, callback_data: tapData({ action: 'approve' }, subject) },
    { text: approval.reject, callback_data: tapData({ action: 'reject' }, subject) },
  ],
]

/** Pure: amount and description in one line. */
export const whatOf = ({ amount, currency, description }: Transaction, { format }: Texts): string =>
  [format.money(amount, currency), description && shown(description, 200)].filter(Boolean).join(' · ')

export const nameOf = ({ names }: Seen, userId: string | null, { approval }: Texts): string =>
  shown(names.get(userId ?? '') ?? approval.somebody)

/** Pure: between which accounts the money moves, as far as the viewer sees them. */
export function placeLine({ transaction, account, toAccount }: Seen, { approval }: Texts): string {
  const name = shown(account?.name ?? approval.hiddenAccount)
  // A reversal has the type of what it reverses and moves the money the other way.
  const forward = transaction.reverses === null
  if (transaction.type !== 'transfer')
    return (transaction.type === 'expense') === forward ? approval.from(name) : approval.into(name)
  const other = shown(toAccount?.name ?? approval.hiddenAccount)
  return forward ? approval.between(name, other) : approval.between(other, name)
}

function headLines(seen: Seen, texts: Texts): string[] {
  const { transaction } = seen
  const author = nameOf(seen, transaction.created_by, texts)
  const { asks, asksToUndo } = texts.approval
  return [
    transaction.reverses === null ? asks(author) : asksToUndo(author),
    whatOf(transaction, texts),
    placeLine(seen, texts),
  ]
}

function stateLines(seen: Seen, texts: Texts): string[] {
  const { transaction } = seen
  const { approval } = transaction
  if (transaction.status !== 'pending_approval' || !approval) return [outcomeLine(seen, texts)]
  const { why, until, given, youApproved } = texts.approval
  const left = approval.required - approval.given
  return [
    ...(transaction.reason === null ? [] : [`“${shown(transaction.reason, 200)}”`]),
    why[approval.why](texts.format.money(approval.threshold, transaction.currency)),
    until(texts.format.instant(approval.expires_at)),
    ...(approval.required > 1 ? [given(approval.given, approval.required)] : []),
    ...(hasApproved(seen) ? [youApproved(left)] : []),
  ]
}

/** Pure: what became of it and through whom. */
export function outcomeLine(seen: Seen, texts: Texts): string {
  const { status, resolved_by, reason } = seen.transaction
  const { outcome } = texts.approval
  const by = nameOf(seen, resolved_by, texts)
  if (status === 'reversed') return outcome.undone(by, undefined)
  if (status === 'posted') return outcome.approved(by, undefined)
  if (status === 'pending_approval') return texts.approval.closed
  return outcome[status](by, reason === null ? undefined : shown(reason, 200))
}
