import { longId, shortId } from '../short-id.ts'

/** What a button of a card asks for; `words` is a reason of one's own, `back` takes the question for a reason away. */
export type Tap = { action: 'approve' | 'reject' | 'words' | 'back' } | { action: 'reason'; reason: number }

/** The transaction that a button is about, and the family in which to look for it. Neither is believed: the gateway decides. */
export interface Subject {
  transactionId: string
  familyId: string
}

const letters = { approve: 'y', reject: 'n', words: 'w', back: 'b' } as const
const actions = { y: 'approve', n: 'reject', w: 'words', b: 'back' } as const

/** What the buttons of a card carry; with two ids at 22 characters 53 bytes of Telegram's 64. */
export const tapShape = /^apr:([ynwb]|[0-9]):([\w-]{22}):([\w-]{22})$/

export const tapData = (tap: Tap, { transactionId, familyId }: Subject): string =>
  `apr:${tap.action === 'reason' ? tap.reason : letters[tap.action]}:${shortId(transactionId)}:${shortId(familyId)}`

/** Reads what a button carried; undefined for what no button of ours carries. */
export function readTap(data: string): { tap: Tap; subject: Subject } | undefined {
  const [, what, transaction, family] = tapShape.exec(data) ?? []
  if (what === undefined) return undefined
  const subject = { transactionId: longId(transaction!), familyId: longId(family!) }
  if (what in actions) return { tap: { action: actions[what as keyof typeof actions] }, subject }
  return { tap: { action: 'reason', reason: Number(what) }, subject }
}
