import { expect, test } from '@jest/globals'
import { createFreshness } from './freshness.ts'

test('is current from the first news until they are too old', () => {
  let time = 1_000
  const freshness = createFreshness(2_000, () => time)
  expect([freshness.isCurrent(), freshness.age()]).toEqual([false, Infinity])
  freshness.confirm()
  time += 2_000
  expect([freshness.isCurrent(), freshness.age()]).toEqual([true, 2])
  time += 1
  expect(freshness.isCurrent()).toBe(false)
})

test('counts from when the news were asked for, and older news take nothing back', () => {
  let time = 10_000
  const freshness = createFreshness(2_000, () => time)
  freshness.confirm(9_000)
  freshness.confirm(5_000)
  expect(freshness.age()).toBe(1)
  time += 1_001
  expect(freshness.isCurrent()).toBe(false)
})

test('everybody who waits is told when news come, and told no when none come', async () => {
  const freshness = createFreshness(2_000)
  const early = [freshness.soonCurrent(), freshness.soonCurrent()]
  expect(await Promise.all(early)).toEqual([false, false])
  const waiting = [freshness.soonCurrent(), freshness.soonCurrent()]
  freshness.confirm()
  expect(await Promise.all(waiting)).toEqual([true, true])
  await freshness.first
})
