import { randomUUID } from 'node:crypto'
import { type DomainEvent, type EventAction, eventType, revocationOf } from '@common-purse/contracts'
import { expect, test } from '@jest/globals'
import { createDenySet as createBare } from './deny-set.ts'

const now = 5_000
const familyid = randomUUID()
const userId = randomUUID()
const sessionId = randomUUID()
const caller = { sessionId, userId, familyId: familyid, memberVersion: 1 }

const event = (action: EventAction, data: Partial<DomainEvent['data']>): DomainEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/auth',
  type: eventType(action),
  subject: '',
  time: '2026-11-24T12:00:00Z',
  datacontenttype: 'application/json',
  data: { entity_type: 'x', entity_id: 'x', version: 1, old_values: null, new_values: null, ...data },
  familyid,
})

/** A deny set that hears events, as the bus brings them. */
const createDenySet = (tokenLifeMs: number, clock: () => number) => {
  const denied = createBare(tokenLifeMs, clock)
  const apply = (heard: DomainEvent) => {
    const revocation = revocationOf(heard)
    if (revocation) denied.apply(revocation)
  }
  return { ...denied, apply }
}

test('denies an ended session for as long as its token could live, were the clock set back meanwhile', () => {
  let time = now
  const denied = createDenySet(900_000, () => time)
  denied.apply(event('session.ended', { entity_id: sessionId }))
  expect(denied.isDenied(caller)).toBe(true)
  expect(denied.isDenied({ ...caller, sessionId: randomUUID() })).toBe(false)
  time += 960_001 // by now it has expired, and lives again by a clock that is set back by ten minutes
  expect(denied.isDenied(caller)).toBe(true)
  time += 900_000
  expect(denied.isDenied(caller)).toBe(false)
  expect(denied.size()).toBe(0)
})

test('denies the session whose refresh token was used twice', () => {
  const denied = createDenySet(900_000, () => now)
  denied.apply(event('session.reuse_detected', { new_values: { session_id: sessionId } }))
  expect(denied.isDenied(caller)).toBe(true)
})

test.each(['member.role_changed', 'member.removed'] as const)(
  '%s denies tokens of the membership as it was',
  (action) => {
    const denied = createDenySet(900_000, () => now)
    denied.apply(event(action, { entity_id: `${familyid}:${userId}`, version: 2 }))
    expect(denied.isDenied(caller)).toBe(true)
    expect(denied.isDenied({ ...caller, memberVersion: 2 })).toBe(false)
    expect(denied.isDenied({ ...caller, familyId: randomUUID() })).toBe(false)
    expect(denied.isDenied({ ...caller, userId: randomUUID() })).toBe(false)
  },
)

test('a repeated or older event takes nothing back', () => {
  const denied = createDenySet(900_000, () => now)
  denied.apply(event('member.role_changed', { entity_id: `${familyid}:${userId}`, version: 3 }))
  denied.apply(event('member.role_changed', { entity_id: `${familyid}:${userId}`, version: 2 }))
  expect(denied.isDenied({ ...caller, memberVersion: 2 })).toBe(true)
})

test('ignores what revokes nothing', () => {
  const denied = createDenySet(900_000, () => now)
  denied.apply(event('session.started', { entity_id: sessionId }))
  expect(denied.isDenied(caller)).toBe(false)
})
