import { expect, test } from '@jest/globals'
import { decideRefresh } from './decide-refresh.ts'

const graceSeconds = 10

test('a token that was not used is rotated', () => {
  expect(decideRefresh({ over: false, usedSecondsAgo: null, graceSeconds })).toBe('rotate')
})

test.each([0, 9.9, 10])('a token that was used %s s ago answers its successor again', (usedSecondsAgo) => {
  expect(decideRefresh({ over: false, usedSecondsAgo, graceSeconds })).toBe('repeat')
})

test.each([10.001, 3600])('a token that was used %s s ago is in two hands', (usedSecondsAgo) => {
  expect(decideRefresh({ over: false, usedSecondsAgo, graceSeconds })).toBe('reused')
})

test.each([null, 1, 100])(
  'nothing is refreshed after the end of the session (used %s s ago)',
  (usedSecondsAgo) => {
    expect(decideRefresh({ over: true, usedSecondsAgo, graceSeconds })).toBe('over')
  },
)
