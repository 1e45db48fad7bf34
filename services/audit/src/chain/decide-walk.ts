import type { AuditEvent } from '@common-purse/contracts'
import type { ChainEnd } from '../entries/decide-append.ts'
import { genesisHash, rehash } from './hash-entry.ts'

export const chainStart: ChainEnd = { seq: 0, hash: genesisHash }

export type Walk = { brokenAt: number } | { end: ChainEnd }

/** Walks on from `from` over the next entries: where they end, or the first place that is not as it was written. */
export function decideWalk(from: ChainEnd, entries: readonly AuditEvent[]): Walk {
  let end = from
  for (const entry of entries) {
    const expected = end.seq + 1
    if (entry.seq !== expected || entry.prev_hash !== end.hash || !fitsItsHash(entry))
      return { brokenAt: expected }
    end = { seq: entry.seq, hash: entry.hash }
  }
  return { end }
}

function fitsItsHash(entry: AuditEvent): boolean {
  try {
    return rehash(entry) === entry.hash
  } catch {
    return false // RFC 8785 has no form for it, so it was never hashed
  }
}

/**
 * Compares where the walk ended with where the chain is known to end: fewer entries are a removed tail, more are
 * inserted ones, and another hash is a last entry that was written anew.
 */
export function decideEnd(walked: ChainEnd, head: ChainEnd): number | null {
  if (walked.seq !== head.seq) return Math.min(walked.seq, head.seq) + 1
  return walked.hash === head.hash ? null : Math.max(walked.seq, 1)
}
