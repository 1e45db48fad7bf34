import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { chainStart, decideEnd, decideWalk } from '../chain/decide-walk.ts'
import { type Arrival, type ChainEnd, decideAppend } from './decide-append.ts'

const at = '2026-05-01T12:00:00.000Z'
const arrival = (familyId: string, given: Partial<Arrival['content']> = {}): Arrival => ({
  familyId,
  version: 1,
  content: {
    id: randomUUID(),
    action: 'account.created',
    actor_id: null,
    entity_type: 'account',
    entity_id: randomUUID(),
    occurred_at: at,
    old_values: null,
    new_values: { name: 'Wallet' },
    reason: null,
    ip: null,
    client: null,
    session_id: null,
    request_id: null,
    trace_id: null,
    ...given,
  },
})
const none = new Map<string, Arrival>()
const startOf = (...familyIds: string[]) => new Map<string, ChainEnd>(familyIds.map((id) => [id, chainStart]))

describe('decideAppend', () => {
  test('numbers each family’s entries from its own end without a gap', () => {
    const { entries, ends } = decideAppend(
      ['a', 'b', 'a'].map((family) => arrival(family)),
      none,
      new Map([...startOf('a'), ['b', { seq: 7, hash: 'f'.repeat(64) }]]),
      at,
    )
    expect(entries.map(({ familyId, entry }) => [familyId, entry.seq])).toEqual([
      ['a', 1],
      ['b', 8],
      ['a', 2],
    ])
    expect(entries[2]!.entry.prev_hash).toBe(entries[0]!.entry.hash)
    expect(entries[1]!.entry.prev_hash).toBe('f'.repeat(64))
    expect(ends.get('a')).toEqual({ seq: 2, hash: entries[2]!.entry.hash })
  })

  test('gives no place to what is known or arrives twice, and says so of an id with other content', () => {
    const [stored, fresh] = [arrival('a'), arrival('a')]
    const forged = { ...fresh, content: { ...fresh.content, reason: 'forged' } }
    const known = new Map([[stored.content.id, stored]])
    const same = decideAppend([stored, fresh, structuredClone(fresh)], known, startOf('a'), at)
    expect(same).toMatchObject({ conflicting: [], entries: [{ entry: { id: fresh.content.id, seq: 1 } }] })
    expect(decideAppend([fresh, forged], none, startOf('a'), at).conflicting).toEqual([1])
    expect(decideAppend([{ ...stored, version: 2 }], known, startOf('a'), at).conflicting).toEqual([0])
    expect(decideAppend([{ ...stored, familyId: 'b' }], known, startOf('b'), at).conflicting).toHaveLength(1)
  })
})

describe('decideWalk', () => {
  const { entries: added, ends } = decideAppend(
    Array.from({ length: 4 }, () => arrival('a')),
    none,
    startOf('a'),
    at,
  )
  const entries = added.map(({ entry }) => entry)

  test('follows a chain to its end, also page by page', () => {
    const half = decideWalk(chainStart, entries.slice(0, 2))
    expect(decideWalk((half as { end: ChainEnd }).end, entries.slice(2))).toEqual({ end: ends.get('a') })
  })

  test('stops at the first entry that is altered, missing or in a wrong place', () => {
    expect(decideWalk(chainStart, entries.with(1, { ...entries[1]!, ip: '::1' }))).toEqual({ brokenAt: 2 })
    expect(decideWalk(chainStart, entries.toSpliced(2, 1))).toEqual({ brokenAt: 3 })
    expect(decideWalk(chainStart, [entries[1]!, entries[0]!])).toEqual({ brokenAt: 1 })
  })

  test('compares the end with the head', () => {
    const head = ends.get('a')!
    expect(decideEnd(head, head)).toBeNull()
    expect(decideEnd({ ...head, seq: 3 }, head)).toBe(4)
    expect(decideEnd(head, { ...head, seq: 2 })).toBe(3)
    expect(decideEnd(head, { ...head, hash: '1'.repeat(64) })).toBe(4)
  })
})
