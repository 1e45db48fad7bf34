import { expect, test } from '@jest/globals'
import { createLocalCounter } from './rate-counter.ts'

test('counts in a window that begins with the first hit', () => {
  let time = 1_000
  const count = createLocalCounter(() => time)
  const rate = { count: 2, seconds: 10 }
  expect(count('a', rate)).toEqual({ count: 1, leftMs: 10_000 })
  time += 4_000
  expect(count('a', rate)).toEqual({ count: 2, leftMs: 6_000 })
  expect(count('b', rate)).toEqual({ count: 1, leftMs: 10_000 })
  time += 6_000
  expect(count('a', rate)).toEqual({ count: 1, leftMs: 10_000 })
})
