import { createHash } from 'node:crypto'

/**
 * The form of RFC 8785: no spaces, members sorted by their names' UTF-16 code units, numbers and strings as ECMAScript
 * writes them. Written here anew, so that nothing of the service that wrote the trail is asked whether it is right.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}

/** Lower-case hex SHA-256 of the hash before, as text, followed by the entry without its two hashes. */
export function hashEntry(previous: string, entry: Record<string, unknown>): string {
  const { prev_hash: _previous, hash: _hash, ...content } = entry
  return createHash('sha256')
    .update(previous + canonical(content))
    .digest('hex')
}
