import { describe, expect, test } from '@jest/globals'
import { decideRefusal, streamOf } from './decide-refusal.ts'

const event = { subject: 'ledger.transaction.posted.v1', bytes: 1_000 }

describe('what the bus would never take', () => {
  test('an event of usual size under a subject that a stream keeps is not among it', () => {
    expect(decideRefusal(event, 1_048_576)).toBeUndefined()
  })

  test.each([
    '',
    'ledger',
    'ledger.',
    'other.thing.v1',
    'ledger.a b.v1',
    'ledger.>',
    'ledger.*.v1',
    'ledger..v1',
  ])('the subject "%s"', (subject) => {
    expect(decideRefusal({ ...event, subject }, 1_048_576)).toMatch('No stream keeps')
  })

  test('what is larger than a message may be, with room for its headers', () => {
    expect(decideRefusal({ ...event, bytes: 64_512 }, 65_536)).toBeUndefined()
    expect(decideRefusal({ ...event, bytes: 64_513 }, 65_536)).toMatch('64513 bytes')
  })
})

test('each subject has the stream that keeps it', () => {
  expect(streamOf('auth.session.started.v1')).toBe('AUTH_EVENTS')
  expect(streamOf('ledger.transaction.posted.v1')).toBe('LEDGER_EVENTS')
  expect(streamOf('ledgers.transaction.posted.v1')).toBeUndefined()
})
