import { expect, test } from '@jest/globals'
import { giveBackMemory } from './give-back-memory.ts'

test('what nobody holds any more is given back', () => {
  let left: unknown[] | undefined = Array.from({ length: 500_000 }, (_, n) => ({ n, text: `left ${n}` }))
  expect(left.length).toBe(500_000)
  const before = process.memoryUsage().heapTotal
  left = undefined
  giveBackMemory()
  expect(before - process.memoryUsage().heapTotal).toBeGreaterThan(10_000_000)
  expect(globalThis).not.toHaveProperty('gc')
})
