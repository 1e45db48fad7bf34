import { expect, test } from '@jest/globals'
import { toSubmission, today } from './submission.ts'

const account = { id: 'a', currency: 'EUR' }
const now = new Date(2026, 4, 9, 23, 30)
const plain = { type: 'expense', account_id: 'a', amount: '12.50', currency: 'EUR' }

test('an empty form but for the sum', () => {
  expect(toSubmission('expense', account, { amount: '12,50', description: ' ' }, now)).toEqual(plain)
})

test('today happens now, another day at its noon', () => {
  expect(today(now)).toBe('2026-05-09')
  const given = { amount: '12.50', occurred_at: '2026-05-09' }
  expect(toSubmission('expense', account, given, now)).toEqual(plain)
  expect(toSubmission('expense', account, { ...given, occurred_at: '2026-05-08' }, now)).toEqual({
    ...plain,
    occurred_at: new Date(2026, 4, 8, 12).toISOString(),
  })
})

test('a transfer has a target and no category, the others the other way round', () => {
  const given = { amount: '12.50', category_id: 'c', to_account_id: 'b', description: 'x' }
  expect(toSubmission('transfer', account, given, now)).toEqual({
    ...plain,
    type: 'transfer',
    to_account_id: 'b',
    description: 'x',
  })
  expect(toSubmission('income', account, given, now)).toEqual({
    ...plain,
    type: 'income',
    category_id: 'c',
    description: 'x',
  })
})
