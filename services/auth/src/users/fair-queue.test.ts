import { expect, test } from '@jest/globals'
import { createFairQueue, type FairQueue } from './fair-queue.ts'

const filled = (max: number, items: string[]) => {
  const queue = createFairQueue<string>(max)
  for (const item of items) expect(queue.push(item[0]!, item)).toBeUndefined()
  return queue
}
const drained = (queue: FairQueue<string>) => {
  const items: string[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item)
  return items
}

test('everybody gets a turn before anybody gets a second one', () => {
  expect(drained(filled(9, ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']))).toEqual([
    'a1',
    'b1',
    'c1',
    'a2',
    'b2',
    'a3',
  ])
})

test('who comes again after a turn waits behind the others', () => {
  const queue = filled(9, ['a1', 'b1'])
  expect(queue.shift()).toBe('a1')
  queue.push('a', 'a2')
  expect(drained(queue)).toEqual(['b1', 'a2'])
})

test('when it is full, the last of whoever has most makes room', () => {
  const queue = filled(4, ['a1', 'a2', 'a3', 'b1'])
  expect(queue.push('c', 'c1')).toBe('a3')
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2'])
})

test('when it is full, nobody makes room for who would then have as much', () => {
  const queue = filled(4, ['a1', 'a2', 'b1', 'b2'])
  expect(queue.push('a', 'a3')).toBe('a3')
  expect(queue.push('b', 'b3')).toBe('b3')
  expect(queue.push('c', 'c1')).toBe('a2')
  expect(queue.push('d', 'd1')).toBe('b2')
  expect(queue.push('e', 'e1')).toBe('e1')
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'd1'])
})

test('there is room again after a turn', () => {
  const queue = filled(1, ['a1'])
  expect(queue.push('b', 'b1')).toBe('b1')
  queue.shift()
  expect(queue.push('b', 'b1')).toBeUndefined()
  expect(drained(queue)).toEqual(['b1'])
})
