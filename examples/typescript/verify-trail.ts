import { createHash } from 'node:crypto'

/** Where a chain ended. Kept somewhere else, it shows whether a later export still tells the same beginning. */
export interface Head {
  seq: number
  hash: string
}

type Entry = Record<string, unknown>

/**
 * Checks an exported trail without the system that wrote it: every entry follows the one before and says what its hash says.
 * Answers the head of the file; throws with the number of the first entry that cannot be vouched for. docs/TRAIL.md has the rule.
 */
export function verifyTrail(text: string): Head {
  const [first = '', ...lines] = text.trimEnd().split('\n')
  const header = readHeader(first)
  let head: Head = { seq: 0, hash: '0'.repeat(64) }
  for (const line of lines) {
    const entry = JSON.parse(line) as Entry
    const seq = head.seq + 1
    const hash = hashOf(head.hash, entry)
    // Written again it is the same line: no name stands twice, which two readers would read differently.
    const asWritten = JSON.stringify(entry) === line
    if (!asWritten || entry['seq'] !== seq || entry['prev_hash'] !== head.hash || entry['hash'] !== hash)
      throw new Error(`The trail is broken at entry ${seq}`)
    head = { seq, hash }
  }
  if (head.seq !== header.head.seq || head.hash !== header.head.hash)
    throw new Error(`The trail is broken at entry ${head.seq + 1}: the file was cut short or written on`)
  return head
}

function readHeader(line: string): { head: Head } {
  const header = JSON.parse(line) as { format: string; version: number; head: Head }
  if (header.format !== 'common-purse-trail' || header.version !== 1)
    throw new Error('This is no exported trail')
  return header
}

function hashOf(previous: string, { prev_hash: _previous, hash: _hash, ...content }: Entry): string {
  return createHash('sha256')
    .update(previous + canonical(content))
    .digest('hex')
}

/** The form of RFC 8785: no spaces, members sorted by name. JavaScript compares text by UTF-16 code units, as the RFC wants. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
