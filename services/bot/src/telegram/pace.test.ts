import { expect, test } from '@jest/globals'
import { createPace } from './pace.ts'

test('lets so many through at once, then one after the other, and is fresh after a pause', () => {
  let at = 0
  const pace = createPace({ count: 3, seconds: 3 }, () => at)
  expect([pace('a'), pace('a'), pace('a'), pace('a'), pace('a')]).toEqual([0, 0, 0, 1000, 2000])
  expect(pace('b')).toBe(0)
  at = 2_000
  expect(pace('a')).toBe(1_000)
  at = 60_000
  expect([pace('a'), pace('a'), pace('a'), pace('a')]).toEqual([0, 0, 0, 1000])
})
