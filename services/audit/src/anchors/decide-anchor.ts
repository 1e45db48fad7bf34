import type { ChainEnd } from '../entries/decide-append.ts'

/**
 * What to do with the end of a chain. `hashAtLast` is the stored hash of the entry at the newest anchor's seq. A chain
 * that no longer has what was anchored is not anchored anew: that would hide the change from whoever verifies it.
 */
export function decideAnchor(
  head: ChainEnd,
  last: ChainEnd | undefined,
  hashAtLast: string | undefined,
): 'publish' | 'known' | 'contradicted' {
  if (last === undefined) return 'publish'
  if (hashAtLast !== last.hash) return 'contradicted'
  return last.seq < head.seq ? 'publish' : 'known'
}
