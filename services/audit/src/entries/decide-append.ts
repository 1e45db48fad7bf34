import type { AuditEvent } from '@common-purse/contracts'
import canonicalize from 'canonicalize'
import { hashEntry } from '../chain/hash-entry.ts'
import type { EntryContent } from './entry.ts'

/** An event on its way into the trail. */
export interface Arrival {
  familyId: string
  version: number
  content: EntryContent
}

export interface ChainEnd {
  seq: number
  hash: string
}

export interface NewEntry {
  familyId: string
  version: number
  entry: AuditEvent
}

export interface Append {
  entries: NewEntry[]
  /** Where the chains that grew end now, by family. */
  ends: ReadonlyMap<string, ChainEnd>
  /** Places of arrivals whose id is known with another content: somebody changed or forged them. */
  conflicting: number[]
}

/**
 * Gives new events their places in their families' chains, in the order of arrival. What is in the trail already, or
 * arrives twice, takes none. `ends` must hold each family's chain, `known` what is stored of the arriving ids.
 */
export function decideAppend(
  arrivals: readonly Arrival[],
  known: ReadonlyMap<string, Arrival>,
  ends: ReadonlyMap<string, ChainEnd>,
  recordedAt: string,
): Append {
  const seen = new Map(known)
  const grown = new Map<string, ChainEnd>()
  const entries: NewEntry[] = []
  const conflicting: number[] = []
  for (const [place, arrival] of arrivals.entries()) {
    const earlier = seen.get(arrival.content.id)
    if (earlier) {
      if (!sameAs(earlier, arrival)) conflicting.push(place)
      continue
    }
    seen.set(arrival.content.id, arrival)
    const entry = linkEntry(
      arrival.content,
      (grown.get(arrival.familyId) ?? ends.get(arrival.familyId))!,
      recordedAt,
    )
    grown.set(arrival.familyId, { seq: entry.seq, hash: entry.hash })
    entries.push({ familyId: arrival.familyId, version: arrival.version, entry })
  }
  return { entries, ends: grown, conflicting }
}

function linkEntry(content: EntryContent, end: ChainEnd, recordedAt: string): AuditEvent {
  const entry = { ...content, seq: end.seq + 1, recorded_at: recordedAt }
  return { ...entry, prev_hash: end.hash, hash: hashEntry(end.hash, entry) }
}

/** Compared as they are hashed: a number or a key order that JSON does not tell apart makes no difference. */
const sameAs = (earlier: Arrival, arrival: Arrival) => canonicalize(earlier) === canonicalize(arrival)
