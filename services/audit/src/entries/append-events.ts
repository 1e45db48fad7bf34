import type { DomainEvent } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import { PoisonError } from '@common-purse/kit/poison'
import { type Arrival, decideAppend } from './decide-append.ts'
import { findArrivals, insertEntries, lockChains } from './entry-store.ts'
import { toContent } from './entry.ts'

const toArrival = (event: DomainEvent): Arrival => ({
  familyId: event.familyid.toLowerCase(),
  version: event.data.version,
  content: toContent(event),
})

/**
 * Appends events to the trail, in their order, each exactly once also when a stream is read again: whoever holds a family's
 * chain sees what another replica stored before, and looks for the event only then.
 */
export async function appendEvents(tx: Tx, events: DomainEvent[]): Promise<void> {
  const arrivals = events.map(toArrival)
  const { ends, at } = await lockChains(tx, [...new Set(arrivals.map(({ familyId }) => familyId))])
  const known = await findArrivals(
    tx,
    arrivals.map(({ content }) => content.id),
  )
  const append = decideAppend(arrivals, known, ends, at.toISOString())
  if (append.conflicting.length > 0) throw conflictAt(append.conflicting, arrivals)
  await insertEntries(tx, append)
}

/** Names every place of a conflicting event, so that its neighbours are stored without it. */
function conflictAt(places: readonly number[], arrivals: readonly Arrival[]): PoisonError {
  const ids = places.map((place) => arrivals[place]!.content.id).join(', ')
  return new PoisonError('conflict', `The trail has the event ${ids} with another content`, {
    culprits: [...places],
  })
}
