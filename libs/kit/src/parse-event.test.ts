import { type DomainEvent, eventActions, eventType } from '@common-purse/contracts'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseDomainEvent } from './parse-event.ts'
import { PoisonError } from './poison.ts'

const id = '0a8f3f52-6d5e-4d3c-9a35-3a7c2f5f3f10'
const event: DomainEvent = {
  specversion: '1.0',
  id,
  source: '/ledger',
  type: 'ledger.account.created.v1',
  subject: id,
  time: '2026-11-24T10:00:00.000Z',
  datacontenttype: 'application/json',
  data: {
    entity_type: 'account',
    entity_id: id,
    version: 1,
    old_values: null,
    new_values: { name: 'Wallet' },
  },
  familyid: id,
}
const subject = event.type
const withData = (data: object) => ({ ...event, data: { ...event.data, ...data } })
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

const verdictOn = (value: unknown, under = subject) => {
  try {
    parseDomainEvent(typeof value === 'string' ? value : JSON.stringify(value), under)
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(PoisonError)
    return (error as PoisonError).kind
  }
}

describe('an event as it was sent', () => {
  test('is read under its subject, with a prefix or without', () => {
    expect(parseDomainEvent(JSON.stringify(event), subject)).toEqual(event)
    expect(parseDomainEvent(JSON.stringify(event), `t1.${subject}`)).toEqual(event)
  })

  test('of every action, from the service that emits it', () => {
    for (const type of eventActions.map(eventType))
      expect(verdictOn({ ...event, type, source: `/${type.split('.')[0]}` }, type)).toBe('accepted')
  })
})

describe('poison says what it is', () => {
  test.each([
    ['', 'unreadable'],
    ['{"specversion": ', 'unreadable'],
    ['null', 'unreadable'],
    ['[]', 'unreadable'],
    [{ ...event, familyid: `{${id}}` }, 'unreadable'],
    [{ ...event, familyid: 'the family' }, 'unreadable'],
    [{ ...event, time: 'yesterday' }, 'unreadable'],
    [{ ...event, surprise: 1 }, 'unreadable'],
    [withData({ version: 0 }), 'unreadable'],
    [withData({ version: -1 }), 'unreadable'],
    [withData({ version: 1.5 }), 'unreadable'],
    [withData({ version: 2 ** 31 }), 'unreadable'],
    [withData({ version: '1' }), 'unreadable'],
    [{ ...event, type: 'ledger.account.stolen.v1' }, 'unknown'],
    [{ ...event, type: 'ledger.account.created.v2' }, 'unknown'],
    [{ ...event, type: 'ledger.account.closed.v1' }, 'misplaced'],
    [{ ...event, source: '/auth' }, 'misplaced'],
    [withData({ new_values: { name: 'a\0b' } }), 'content'],
    [withData({ new_values: { 'a\0b': 1 } }), 'content'],
    [withData({ new_values: { name: '\ud800' } }), 'content'],
    [withData({ new_values: { name: 'x'.repeat(300_000) } }), 'content'],
    [withData({ new_values: { deep: nested(100) } }), 'content'],
    [JSON.stringify(withData({ new_values: { n: 7 } })).replace(':7', ':1e999'), 'content'],
    ['['.repeat(100_000) + ']'.repeat(100_000), 'content'],
  ])('%.60j is %s', (value, kind) => {
    expect(verdictOn(value)).toBe(kind)
  })

  test('a subject that ends alike is another one', () => {
    expect(verdictOn(event, `x${subject}`)).toBe('misplaced')
    expect(verdictOn(event, 'ledger.account.closed.v1')).toBe('misplaced')
  })

  test('whatever is sent, it is an event or a poison with a kind', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 40 }), fc.jsonValue()), (value) => {
        expect(verdictOn(value)).not.toBe('accepted')
      }),
    )
  })
})
