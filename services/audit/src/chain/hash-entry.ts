import { createHash } from 'node:crypto'
import type { AuditEvent } from '@common-purse/contracts'
import canonicalize from 'canonicalize'

/** An entry without its hashes. */
export type UnhashedEntry = Omit<AuditEvent, 'prev_hash' | 'hash'>

/** What the first entry of a chain has before it. */
export const genesisHash = '0'.repeat(64)

/** Lower-case hex SHA-256 of the previous hash, as hex text, followed by the entry in the form of RFC 8785. */
export const hashEntry = (prevHash: string, entry: UnhashedEntry): string =>
  createHash('sha256').update(prevHash).update(canonicalize(entry)!).digest('hex')

/** The entry's own hash computed again from what it says. */
export function rehash({ prev_hash, hash: _hash, ...entry }: AuditEvent): string {
  return hashEntry(prev_hash, entry)
}
