import { describe, expect, test } from '@jest/globals'
import { legsOf, payerOf } from './movement.ts'

const moving = (type: string, reverses: string | null = null) => ({
  type,
  accountId: 'wallet',
  toAccountId: type === 'transfer' ? 'savings' : null,
  amount: 5n,
  reverses,
})

describe('where money moves', () => {
  test.each([
    ['expense', null, 'wallet', 'outside', 'wallet'],
    ['income', null, 'outside', 'wallet', undefined],
    ['transfer', null, 'wallet', 'savings', 'wallet'],
    ['expense', 'original', 'outside', 'wallet', undefined],
    ['income', 'original', 'wallet', 'outside', 'wallet'],
    ['transfer', 'original', 'savings', 'wallet', 'savings'],
  ])('%s, reversing %s: from %s to %s', (...row) => {
    const [type, reverses, from, to, payer] = row
    const legs = legsOf(moving(type, reverses), 'outside')
    expect(legs).toEqual([
      { accountId: from, amount: -5n },
      { accountId: to, amount: 5n },
    ])
    expect(legs[0].amount + legs[1].amount).toBe(0n)
    expect(payerOf(moving(type, reverses))).toBe(payer)
  })

  test('a family without its counterpart account is a fault of ours', () => {
    expect(() => legsOf(moving('expense'), undefined)).toThrow(/counterpart/)
  })
})
