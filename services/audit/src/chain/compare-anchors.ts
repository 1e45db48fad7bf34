import type { Tx } from '@common-purse/kit/database'
import type { AnchorStream, PlacedAnchor } from '../anchors/anchor-stream.ts'
import { chainStart } from './decide-walk.ts'

/** Whether the trail has an entry at the anchor's place, with the hash that was anchored. */
async function holds(tx: Tx, { family_id, seq, hash }: PlacedAnchor): Promise<boolean> {
  const rows = await tx.query('SELECT 1 FROM event_log WHERE family_id = $1 AND seq = $2 AND hash = $3', [
    family_id,
    seq,
    hash,
  ])
  return rows.length > 0
}

/**
 * Compares the trail with the family's newest anchor, which stands for all before it. When it does not fit: the last
 * anchor that does, and the first that does not, found by halving the stream between them.
 */
export async function compareAnchors(tx: Tx, anchors: AnchorStream, last: PlacedAnchor | undefined) {
  if (!last || (await holds(tx, last))) return undefined
  let held = { seq: chainStart.seq, place: 0 }
  let missed = last
  while (held.place + 1 < missed.place) {
    const middle = Math.floor((held.place + missed.place) / 2)
    const anchor = (await anchors.next(last.family_id, middle))!
    if (anchor.place < missed.place && (await holds(tx, anchor))) held = anchor
    else if (anchor.place < missed.place) missed = anchor
    else missed = { ...missed, place: middle } // none of the family's is between
  }
  return { held, missed }
}
