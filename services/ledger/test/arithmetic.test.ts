import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

/* What is left to spend, to the last minor unit: holds, overdrafts, places of a currency, the largest sums. */

let ledger: LedgerHouse
beforeAll(async () => {
  ledger = await startLedgerHouse()
})
afterAll(() => ledger.stop())

interface Sums {
  currency: string
  opening: string
  limit: string
  /** What waits, and all that is left beside it with the limit. */
  held: string
  rest: string
  least: string
  /** Posted, pending and available after both. */
  after: [posted: string, pending: string, available: string]
}

test.each<Sums>([
  {
    currency: 'JPY',
    opening: '5000',
    limit: '300',
    held: '4999',
    rest: '301',
    least: '1',
    after: ['4699', '-4999', '-300'],
  },
  {
    currency: 'EUR',
    opening: '50.00',
    limit: '3.00',
    held: '49.99',
    rest: '3.01',
    least: '0.01',
    after: ['46.99', '-49.99', '-3.00'],
  },
  {
    currency: 'KWD',
    opening: '5.000',
    limit: '0.300',
    held: '4.999',
    rest: '0.301',
    least: '0.001',
    after: ['4.699', '-4.999', '-0.300'],
  },
])(
  '$currency: what is held is not spent, and the limit is spent to its end',
  async ({ currency, opening, limit, held, rest, least, after }) => {
    // prettier-ignore
    const { id, owner, people } = await ledger.familyKnown(['child'])
    const account = await givenAccount(owner, { currency, opening_balance: opening, overdraft_limit: limit })
    const waiting = await spend(people['child']!, account, held, { currency })
    expect(waiting).toMatchObject({ status: 'pending_approval', amount: held })
    const [posted, pending, available] = after
    const spent = await spend(owner, account, rest, { currency })
    expect(spent.balances_after).toEqual([{ account_id: account.id, posted, pending, available }])
    const before = await ledger.stateOf(id)
    await refused(spend(owner, account, least, { currency }), 'insufficient_funds')
    expect(await ledger.stateOf(id)).toEqual(before)

    // The hold goes as it came, and what waited can be spent.
    await people['child']!.ledger.call('cancelTransaction', { params: { id: waiting.id! }, body: {} })
    await spend(owner, account, held, { currency })
    await refused(spend(owner, account, least, { currency }), 'insufficient_funds')
    const { balance } = await owner.ledger.call('getAccount', { params: { id: account.id } })
    expect(balance).toMatchObject({ posted: `-${limit}`, available: `-${limit}` })
    expect(Number(balance.pending)).toBe(0)
  },
)

describe('the largest sums', () => {
  test('are exact to the last minor unit, and no balance leaves the range that can be counted', async () => {
    const { id, owner } = await ledger.familyKnown()
    const account = await givenAccount(owner, { opening_balance: '0' })
    const most = '999999999999.99'
    const earn = (amount: string) => spend(owner, account, amount, { type: 'income' })
    expect((await earn(most)).balances_after).toMatchObject([{ posted: most }])
    expect((await earn(most)).balances_after).toMatchObject([{ posted: '1999999999999.98' }])
    // As if much more had been earned: one income below what the ledger can count.
    await ledger.rows(`UPDATE ledger.accounts SET posted = 100000000000000000 - 1 WHERE id = $1`, [
      account.id,
    ])
    const before = await ledger.stateOf(id)
    await refused(earn('0.02'), 'invalid_request')
    expect(await ledger.stateOf(id)).toEqual(before)
    expect((await earn('0.01')).balances_after).toMatchObject([{ posted: '1000000000000000.00' }])
    await refused(earn('0.01'), 'invalid_request')
  })
})
