import { hashEntry } from './hash-entry.ts'

/** Where a chain ended, as somebody wrote it down; `hash` may be its first 16 digits or more. */
export interface KnownHead {
  seq: number
  hash: string
}

export interface Report {
  familyId: string
  entries: number
  /** Where the chain of the file ends, as far as it is whole. */
  head: KnownHead
  /** What is wrong, with the first entry that cannot be vouched for; undefined when nothing is. */
  broken: { seq: number; why: string } | undefined
}

/** The file is no exported trail at all. */
export class NoTrailError extends Error {
  override name = 'NoTrailError'
}

interface Header {
  family_id: string
  head: KnownHead
}

/** Checks the lines of an exported trail against each other, its header, and the heads that one has from elsewhere. */
export async function verifyTrail(
  lines: AsyncIterable<string>,
  known: readonly KnownHead[] = [],
): Promise<Report> {
  let header: Header | undefined
  let head: KnownHead = { seq: 0, hash: '0'.repeat(64) }
  let vouched = 0
  const report = (broken?: Report['broken']): Report => ({
    familyId: header!.family_id,
    entries: head.seq,
    head,
    broken,
  })
  for await (const line of lines) {
    if (!header) {
      header = readHeader(line)
      continue
    }
    const entry = readEntry(line)
    const why = typeof entry === 'string' ? entry : misfit(entry, head, header)
    if (why !== undefined) return report({ seq: head.seq + 1, why })
    head = { seq: head.seq + 1, hash: (entry as { hash: string }).hash }
    for (const { hash } of known.filter(({ seq }) => seq === head.seq)) {
      if (!head.hash.startsWith(hash))
        return report({ seq: vouched + 1, why: `entry ${head.seq} has another hash than --head says` })
      vouched = head.seq
    }
  }
  if (!header) throw new NoTrailError('The file is empty')
  return report(missing(head, header, known))
}

function readHeader(line: string): Header {
  const header = parse(line)
  if (header?.['format'] !== 'common-purse-trail' || header['version'] !== 1)
    throw new NoTrailError('The first line is not the header of an exported trail (version 1)')
  return header as unknown as Header
}

/** The entry, or why the line is none. */
function readEntry(line: string): Record<string, unknown> | string {
  const entry = parse(line)
  if (!entry) return 'the line is not a JSON object'
  // Programs read a name that stands twice in different ways: what one checks another would not show.
  return JSON.stringify(entry) === line ? entry : 'the line is not written as it was exported'
}

function misfit(entry: Record<string, unknown>, before: KnownHead, header: Header): string | undefined {
  const seq = before.seq + 1
  if (seq > header.head.seq) return 'there are more entries than the header says'
  if (entry['seq'] !== seq) return `entry ${seq} is missing, entry ${String(entry['seq'])} is in its place`
  if (entry['prev_hash'] !== before.hash) return 'it does not follow the entry before'
  return hashEntry(before.hash, entry) === entry['hash'] ? undefined : 'it says something else than its hash'
}

function missing(head: KnownHead, header: Header, known: readonly KnownHead[]): Report['broken'] {
  const next = head.seq + 1
  if (head.seq < header.head.seq) return { seq: next, why: `the header says ${header.head.seq} entries` }
  const later = known.find(({ seq }) => seq > head.seq)
  if (later) return { seq: next, why: `--head knows of entry ${later.seq}` }
  return head.hash === header.head.hash
    ? undefined
    : { seq: Math.max(head.seq, 1), why: 'the header names another hash for the last entry' }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
