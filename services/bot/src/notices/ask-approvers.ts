import { type DomainEvent, hasPermission } from '@common-purse/contracts'
import { approvalCard, mayApprove } from '../approvals/approval-card.ts'
import { lookAs, type NoticeDeps, type Reader, textsOfReader, valueIn } from './notice-deps.ts'
import { refreshCard } from './refresh-cards.ts'
import { toEach } from './to-each.ts'

/** Longer than anything may wait. */
const GONE_MS = 91 * 86_400_000

/** Something waits: sends a card to everybody who may approve it, as the gateway says to each of them, however late it is. */
export async function askApprovers(deps: NoticeDeps, event: DomainEvent): Promise<void> {
  if (Date.now() - Date.parse(event.time) > GONE_MS) return
  const id = event.data.entity_id
  const author = valueIn(event, 'created_by')
  await toEach(await deps.people.membersOf(event.familyid), async ({ userId, telegramId, role }) => {
    if (userId === author || !hasPermission(role, 'transaction.approve')) return
    await deps.messenger.once(`ask:${id}:${telegramId}`, () =>
      ask(deps, { telegramId, familyId: event.familyid }, id),
    )
  })
}

async function ask(deps: NoticeDeps, reader: Reader, id: string): Promise<void> {
  const seen = await lookAs(deps, reader, id)
  if (!seen || !mayApprove(seen)) return
  const texts = await textsOfReader(deps, reader)
  const card = { ...approvalCard(seen, reader.familyId, texts), enough: texts.notice.enough }
  const messageId = await deps.messenger.send(reader.telegramId, card)
  if (messageId === undefined) return
  const place = { ...reader, messageId }
  await deps.cards.remember(id, place, seen.transaction.approval!.expires_at)
  // Whoever acted in the moment between did not know of this card.
  const now = await lookAs(deps, reader, id)
  if (!now || !mayApprove(now)) await refreshCard(deps, place, now)
}
