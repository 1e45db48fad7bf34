import type { Tx } from '@common-purse/kit/database'
import type { AnchorStream, PlacedAnchor } from '../anchors/anchor-stream.ts'
import type { ChainEnd } from '../entries/decide-append.ts'
import { chainStart } from './decide-walk.ts'

/** Whether the trail has an entry at the anchored place, with the hash that was anchored. */
async function holds(tx: Tx, familyId: string, { seq, hash }: ChainEnd): Promise<boolean> {
  const rows = await tx.query('SELECT 1 FROM event_log WHERE family_id = $1 AND seq = $2 AND hash = $3', [
    familyId,
    seq,
    hash,
  ])
  return rows.length > 0
}

/**
 * Compares the trail with the family's newest anchor, which stands for all before it. When it does not fit: the last
 * anchor that does, and the first that does not, found by halving the stream between them. One that cannot be read never
 * fits.
 */
export async function compareAnchors(tx: Tx, anchors: AnchorStream, last: PlacedAnchor | undefined) {
  if (!last || (last.end && (await holds(tx, last.familyId, last.end)))) return undefined
  let held = { place: 0, end: chainStart }
  let missed = last
  while (held.place + 1 < missed.place) {
    const middle = Math.floor((held.place + missed.place) / 2)
    const { familyId, place, end } = (await anchors.next(last.familyId, middle))!
    if (place >= missed.place)
      missed = { ...missed, place: middle } // none of the family's is between
    else if (end && (await holds(tx, familyId, end))) held = { place, end }
    else missed = { familyId, place, end }
  }
  return { held: held.end, missed: missed.end }
}
