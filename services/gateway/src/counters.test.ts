import { expect, test } from '@jest/globals'
import { type Counter, createLocalCounters, createUsedUp } from './counters.ts'

const counter = (name: string, count: number, subject = 'a'): Counter => ({
  name,
  subject,
  rate: { count, seconds: 10 },
})

test('counts in a window that begins with the first hit', () => {
  let time = 1_000
  const count = createLocalCounters(() => time)
  expect(count([counter('user', 2)])).toEqual([{ count: 1, leftMs: 10_000 }])
  time += 4_000
  expect(count([counter('user', 2)])).toEqual([{ count: 2, leftMs: 6_000 }])
  expect(count([counter('user', 2, 'b')])).toEqual([{ count: 1, leftMs: 10_000 }])
  time += 6_000
  expect(count([counter('user', 2)])).toEqual([{ count: 1, leftMs: 10_000 }])
})

test('what comes after a counter above its limit is looked at and not counted', () => {
  const count = createLocalCounters(() => 0)
  const both = [counter('user', 1), counter('family', 5)]
  const counts = () => count(both).map((hit) => hit.count)
  expect([counts(), counts(), counts()]).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ])
})

test('a counter is used up from its last allowed hit to the end of its window', () => {
  let time = 0
  const usedUp = createUsedUp(() => time)
  const user = counter('user', 2)
  usedUp.learn(user, { count: 1, leftMs: 900 })
  expect(usedUp.leftMs(user)).toBeUndefined()
  usedUp.learn(user, { count: 2, leftMs: 800 })
  expect(usedUp.leftMs(user)).toBe(800)
  expect(usedUp.leftMs(counter('user', 2, 'b'))).toBeUndefined()
  expect(usedUp.leftMs(counter('family', 2))).toBeUndefined()
  time = 799
  expect(usedUp.leftMs(user)).toBe(1)
  time = 800
  expect(usedUp.leftMs(user)).toBeUndefined()
})

test('a flood of addresses does not grow the memory: the oldest is forgotten', () => {
  const usedUp = createUsedUp(() => 0)
  const hit = { count: 1, leftMs: 1_000 }
  for (let index = 0; index <= 50_000; index++) usedUp.learn(counter('address', 1, String(index)), hit)
  expect(usedUp.leftMs(counter('address', 1, '0'))).toBeUndefined()
  expect(usedUp.leftMs(counter('address', 1, '50000'))).toBe(1_000)
})
