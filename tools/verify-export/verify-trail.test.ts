import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { hashEntry } from './hash-entry.ts'
import { NoTrailError, verifyTrail } from './verify-trail.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/TRAIL.md'), 'utf8')
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``).exec(page)![1]!
const example = block('ndjson').split('\n')

async function* linesOf(lines: string[]) {
  yield* lines
}
const check = (lines: string[], known: { seq: number; hash: string }[] = []) =>
  verifyTrail(linesOf(lines), known)

type Entry = Record<string, unknown> & { hash: string }

/** A trail of some length that fits, made by the rule on the page. */
function trailOf(length: number, change: (entry: Entry) => object = (entry) => entry): string[] {
  const pattern = JSON.parse(example[1]!) as Entry
  let previous = '0'.repeat(64)
  const entries = Array.from({ length }, (_, index) => {
    const entry = { ...pattern, seq: index + 1, prev_hash: previous }
    const changed = change(entry) as Entry
    changed.hash = hashEntry(previous, changed)
    previous = changed.hash
    return JSON.stringify(changed)
  })
  const header = { ...(JSON.parse(example[0]!) as object), head: { seq: length, hash: previous } }
  return [JSON.stringify(header), ...entries]
}
const headOf = (lines: string[], seq: number) => ({ seq, hash: (JSON.parse(lines[seq]!) as Entry).hash })

describe('the example of docs/TRAIL.md', () => {
  test('is intact', async () => {
    expect(await check(example)).toMatchObject({ entries: 2, broken: undefined })
  })

  test('has the hash that the line to be hashed has, byte by byte', () => {
    const { hash } = JSON.parse(example[1]!) as Entry
    expect(createHash('sha256').update(block('text')).digest('hex')).toBe(hash)
    expect(page).toContain(`${hash.slice(0, 16)}…`)
  })
})

describe('a file that fits', () => {
  test('may be empty of entries', async () => {
    expect(await check(trailOf(0))).toMatchObject({ entries: 0, broken: undefined })
  })

  test('agrees with heads known from elsewhere, whole or by their first digits', async () => {
    const lines = trailOf(5)
    const known = [headOf(lines, 3), { seq: 5, hash: headOf(lines, 5).hash.slice(0, 16) }]
    expect(await check(lines, known)).toMatchObject({ entries: 5, head: headOf(lines, 5), broken: undefined })
  })
})

describe('a file that was changed', () => {
  const lines = trailOf(6)
  const changed = (line: number, members: object) =>
    lines.with(line, JSON.stringify({ ...(JSON.parse(lines[line]!) as Entry), ...members }))
  const header = JSON.parse(lines[0]!) as { head: { seq: number; hash: string } }
  const withHead = (seq: number, hash: string) => JSON.stringify({ ...header, head: { seq, hash } })

  test.each([
    ['an altered value', 3, changed(3, { new_values: { name: 'Tea' } })],
    ['a member more', 2, changed(2, { note: 'x' })],
    ['a changed hash', 4, changed(4, { hash: 'a'.repeat(64) })],
    ['a changed link', 4, changed(4, { prev_hash: 'a'.repeat(64) })],
    ['a removed entry', 2, lines.toSpliced(2, 1)],
    ['a removed beginning', 1, lines.toSpliced(1, 2)],
    ['two entries that changed places', 3, lines.with(3, lines[4]!).with(4, lines[3]!)],
    ['an entry that stands twice', 4, lines.toSpliced(3, 0, lines[3]!)],
    ['a removed end', 5, lines.slice(0, 5)],
    ['an entry more than the header says', 6, [withHead(5, headOf(lines, 5).hash), ...lines.slice(1)]],
    ['another head in the header', 6, [withHead(6, 'b'.repeat(64)), ...lines.slice(1)]],
    ['a line that is not JSON', 2, lines.with(2, '{')],
    ['a name that stands twice', 3, lines.with(3, lines[3]!.replace('{', '{"reason":"paid",'))],
  ])('is found: %s', async (_, seq, file) => {
    expect((await check(file)).broken).toMatchObject({ seq })
  })

  test('is found by a known head when it was cut short and its header made to fit', async () => {
    const cut = [withHead(4, headOf(lines, 4).hash), ...lines.slice(1, 5)]
    expect((await check(cut)).broken).toBeUndefined()
    expect((await check(cut, [headOf(lines, 6)])).broken).toMatchObject({ seq: 5 })
  })

  test('is found by known heads when it was written anew from some entry on', async () => {
    const forged = trailOf(6, (entry) => (entry['seq'] === 4 ? { ...entry, reason: 'forged' } : entry))
    expect((await check(forged)).broken).toBeUndefined()
    expect((await check(forged, [headOf(lines, 2), headOf(lines, 5)])).broken).toMatchObject({ seq: 3 })
  })
})

test.each([[[]], [['[]']], [['{"format":"common-purse-trail","version":2}']], [[example[1]!]]])(
  'what is no exported trail is said so',
  async (file) => {
    await expect(check(file)).rejects.toBeInstanceOf(NoTrailError)
  },
)
