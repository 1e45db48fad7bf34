import type { DomainEvent } from '@common-purse/contracts'
import { approvalCard } from '../approvals/approval-card.ts'
import type { CardPlace } from '../approvals/card-store.ts'
import type { Seen } from '../approvals/look-at.ts'
import { lookAs, type NoticeDeps, textsOfReader } from './notice-deps.ts'
import { toEach } from './to-each.ts'

/**
 * Somebody acted, anywhere: each card about it says how it stands now, and has buttons only for whom it still waits. The
 * state is asked for and not taken from the event, so late and repeated events do no harm.
 */
export async function refreshCards(deps: NoticeDeps, event: DomainEvent): Promise<void> {
  const id = event.data.entity_id
  const places = await deps.cards.placesOf(id)
  if (places.length === 0) return
  let waits = false
  await toEach(places, async (place) => {
    const seen = await lookAs(deps, place, id)
    waits ||= seen?.transaction.status === 'pending_approval'
    await refreshCard(deps, place, seen)
  })
  if (!waits) await deps.cards.forget(id)
}

/** Rewrites a card as its reader sees the transaction; who does not see it any more is left without its buttons. */
export async function refreshCard(deps: NoticeDeps, place: CardPlace, seen: Seen | undefined): Promise<void> {
  const texts = await textsOfReader(deps, place)
  const card = seen
    ? approvalCard(seen, place.familyId, texts)
    : { text: texts.approval.closed, keyboard: [] }
  await deps.messenger.rewrite(place.telegramId, place.messageId, card)
}
