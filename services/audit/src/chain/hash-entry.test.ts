import { expect, test } from '@jest/globals'
import { genesisHash, hashEntry, type UnhashedEntry } from './hash-entry.ts'

test('hashes the previous hash and the entry by RFC 8785, with its keys in any order', () => {
  const entry: UnhashedEntry = {
    id: '00000000-0000-4000-8000-000000000001',
    seq: 1,
    action: 'account.created',
    actor_id: null,
    entity_type: 'account',
    entity_id: 'x',
    occurred_at: '2026-05-01T12:00:00.000Z',
    recorded_at: '2026-05-01T12:00:00.500Z',
    old_values: null,
    new_values: { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', number: 333333333.33333329, large: 1e30 },
    reason: null,
    ip: null,
    client: null,
    session_id: null,
    request_id: null,
    trace_id: null,
  }
  // printf '%s%s' "$genesis" "$canonical" | sha256sum, with the canonical form written by hand
  const expected = '496e28cc4494f7b81650c0f8d1ae42eab78913695fe2d0f7b05b066e8118c42b'
  expect(hashEntry(genesisHash, entry)).toBe(expected)
  expect(
    hashEntry(genesisHash, Object.fromEntries(Object.entries(entry).toReversed()) as UnhashedEntry),
  ).toBe(expected)
})
