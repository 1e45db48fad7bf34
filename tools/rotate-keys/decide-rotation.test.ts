import { describe, expect, test } from '@jest/globals'
import { decideRotation, waitingKey } from './decide-rotation.ts'

const now = new Date('2026-05-01T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
const key = (kid: string, startedMinutesAgo?: number) =>
  startedMinutesAgo === undefined ? { kid } : { kid, not_before: minutesAgo(startedMinutesAgo) }
const rotate = (...keys: { kid: string; not_before?: string }[]) => {
  const { keys: after, dropped } = decideRotation(keys, key('new', -1), { now, tokenSeconds: 900 })
  return { kids: after.map(({ kid }) => kid), dropped }
}

describe('a rotation', () => {
  test('keeps the key that signs until its successor has signed for a token’s life', () => {
    expect(rotate(key('first'))).toEqual({ kids: ['new', 'first'], dropped: [] })
    expect(rotate(key('second', 10), key('first'))).toEqual({ kids: ['new', 'second', 'first'], dropped: [] })
    expect(rotate(key('second', 16), key('first'))).toEqual({ kids: ['new', 'second'], dropped: ['first'] })
  })

  test('drops all that are past', () => {
    expect(rotate(key('third', 20), key('second', 60), key('first'))).toEqual({
      kids: ['new', 'third'],
      dropped: ['second', 'first'],
    })
  })

  test('that waits is known', () => {
    expect(waitingKey([key('next', -1), key('first')], now)?.kid).toBe('next')
    expect(waitingKey([key('second', 1), key('first')], now)).toBeUndefined()
  })
})
