import { expect, test } from '@jest/globals'
import { createIntention } from './intention.ts'

test('one thing wanted has one key until its outcome is known', () => {
  const intention = createIntention()
  const first = intention.keyFor({ amount: '1' })
  expect(intention.keyFor({ amount: '1' })).toBe(first)
  intention.settle()
  expect(intention.keyFor({ amount: '1' })).not.toBe(first)
})

test('another content is another intention', () => {
  const intention = createIntention()
  expect(intention.keyFor({ amount: '1' })).not.toBe(intention.keyFor({ amount: '2' }))
  expect(intention.keyFor(undefined)).toBe(intention.keyFor(undefined))
})
