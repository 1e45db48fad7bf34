import type { ChainEnd } from '../entries/decide-append.ts'
import type { PlacedAnchor } from './anchor-stream.ts'

/**
 * What to do with the end of a chain. `hashAtLast` is the stored hash of the entry at the newest anchor's seq. A chain
 * that no longer has what was anchored is not anchored anew: that would hide the change from whoever verifies it. Nor is
 * one whose newest anchor cannot be read: nobody knows what it said.
 */
export function decideAnchor(
  head: ChainEnd,
  last: Pick<PlacedAnchor, 'end'> | undefined,
  hashAtLast: string | undefined,
): 'publish' | 'known' | 'contradicted' {
  if (last === undefined) return 'publish'
  if (hashAtLast === undefined || hashAtLast !== last.end?.hash) return 'contradicted'
  return last.end.seq < head.seq ? 'publish' : 'known'
}
