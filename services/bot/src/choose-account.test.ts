import { describe, expect, test } from '@jest/globals'
import type { Account } from '@common-purse/contracts'
import { chooseAccount } from './choose-account.ts'

const account = (name: string, given: Partial<Account> = {}) =>
  ({ id: name, name, currency: 'EUR', status: 'open', owner_id: 'ann', ...given }) as Account
const all = [
  account('Cash'),
  account('Cash box'),
  account('Bank', { owner_id: 'ben' }),
  account('Dollars', { currency: 'USD' }),
]
const choose = (wish: Partial<Parameters<typeof chooseAccount>[1]>) =>
  chooseAccount(all, { userId: 'ann', ...wish })

describe('chooseAccount', () => {
  test('takes the one that is named, in full or by its beginning', () => {
    expect(choose({ account: 'cash' })).toMatchObject({ account: { name: 'Cash' } })
    expect(choose({ account: 'cash_b' })).toMatchObject({ account: { name: 'Cash box' } })
    expect(choose({ account: 'ca' })).toEqual({ problem: 'several', names: ['Cash (EUR)', 'Cash box (EUR)'] })
    expect(choose({ account: 'safe' })).toMatchObject({ problem: 'unknown' })
  })

  test('else the last one, one’s own, or the first that fits', () => {
    expect(choose({ last: 'Bank' })).toMatchObject({
      account: { name: 'Bank' },
      others: [{ name: 'Cash' }, { name: 'Cash box' }, { name: 'Dollars' }],
    })
    expect(choose({ last: 'gone', userId: 'ben' })).toMatchObject({ account: { name: 'Bank' } })
    expect(choose({ currency: 'USD' })).toMatchObject({ account: { name: 'Dollars' }, others: [] })
    expect(choose({ currency: 'CHF' })).toMatchObject({ problem: 'unknown' })
  })

  test('never a closed one', () => {
    expect(chooseAccount([account('Old', { status: 'closed' })], { userId: 'ann' })).toEqual({
      problem: 'none',
    })
  })
})
