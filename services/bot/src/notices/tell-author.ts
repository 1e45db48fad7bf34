import type { DomainEvent } from '@common-purse/contracts'
import { nameOf, placeLine, whatOf } from '../approvals/approval-card.ts'
import type { Seen } from '../approvals/look-at.ts'
import type { Texts } from '../texts/index.ts'
import { lookAs, type NoticeDeps, textsOfReader, valueIn } from './notice-deps.ts'

/** What waited is resolved: whoever asked is told, unless they did it themselves. */
export async function tellAuthor(deps: NoticeDeps, event: DomainEvent): Promise<void> {
  const author = valueIn(event, 'created_by')
  if (author === undefined || author === event.actorid) return
  const telegramId = await deps.people.telegramOf(author)
  if (telegramId === undefined) return
  const reader = { telegramId, familyId: event.familyid }
  await deps.messenger.once(`answer:${event.id}:${telegramId}`, async () => {
    const seen = await lookAs(deps, reader, event.data.entity_id)
    const texts = await textsOfReader(deps, reader)
    const text = seen && answerText(seen, texts)
    if (text !== undefined) await deps.messenger.send(telegramId, { text, enough: texts.notice.enough })
  })
}

/** Pure: what became of what the viewer asked for; undefined as long as it waits, and for what they took back. */
export function answerText(seen: Seen, texts: Texts): string | undefined {
  const { transaction } = seen
  const outcomes = {
    posted: 'approved',
    reversed: 'approved',
    rejected: 'rejected',
    expired: 'expired',
    pending_approval: undefined,
    cancelled: undefined,
  } as const
  const outcome = outcomes[transaction.status]
  if (outcome === undefined) return undefined
  const by = nameOf(seen, transaction.resolved_by, texts)
  const head = texts.approval.answer[outcome](by, transaction.reason ?? undefined)
  return [head, whatOf(transaction, texts), placeLine(seen, texts)].join('\n')
}
