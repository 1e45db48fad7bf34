import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'
import { nextMillisecond } from './next-millisecond.ts'

let house: House

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
}, 30_000)
afterAll(() => house.stop())

const submit = (person: Person, account: string, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
  })
const balanceAt = (person: Person, id: string, at?: string) =>
  person.ledger.call('getBalance', { params: { id }, query: at === undefined ? {} : { at } })
const plus = (moment: string | null, ms: number) => new Date(Date.parse(moment!) + ms).toISOString()

describe('the balance at a moment', () => {
  test('is what was posted by then; zeros before the account, today’s in the future', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    await nextMillisecond()
    const one = await submit(owner, account.id, '12.50')
    await nextMillisecond()
    const two = await submit(owner, account.id, '100', { type: 'income' })
    const posted = async (at: string) => (await balanceAt(owner, account.id, at)).posted
    expect(await posted(one.created_at)).toBe('987.50')
    expect(await posted(plus(one.created_at, -1))).toBe('1000.00')
    expect(await posted(plus(two.created_at, -1))).toBe('987.50')
    expect(await posted(two.created_at)).toBe('1087.50')
    expect(await posted('2199-12-31T23:59:59Z')).toBe('1087.50')
    expect(await balanceAt(owner, account.id, plus(account.created_at, -1))).toEqual({
      posted: '0.00',
      pending: '0.00',
      available: '0.00',
    })
    expect(await balanceAt(owner, account.id)).toMatchObject({ posted: '1087.50' })
    expect(await posted(two.created_at.replace('Z', '+00:00'))).toBe('1087.50')
  })

  test('holds back what waited then, until it was resolved', async () => {
    const { owner, people } = await givenFamily(house, ['child'])
    const account = await givenAccount(owner)
    await nextMillisecond()
    const kept = await submit(people['child']!, account.id, '30')
    await nextMillisecond()
    const refusedOne = await submit(people['child']!, account.id, '5')
    await nextMillisecond()
    const params = { id: refusedOne.id! }
    const ended = await owner.ledger.call('rejectTransaction', { params, body: { reason: 'no' } })
    await nextMillisecond()
    const approved = await owner.ledger.call('approveTransaction', { params: { id: kept.id! }, body: {} })
    const at = (moment: string | null, ms = 0) => balanceAt(owner, account.id, plus(moment, ms))
    const held = (posted: string, pending: string, available: string) => ({ posted, pending, available })
    expect(await at(kept.created_at, -1)).toEqual(held('1000.00', '0.00', '1000.00'))
    expect(await at(kept.created_at)).toEqual(held('1000.00', '-30.00', '970.00'))
    expect(await at(refusedOne.created_at)).toEqual(held('1000.00', '-35.00', '965.00'))
    expect(await at(ended.resolved_at)).toEqual(held('1000.00', '-30.00', '970.00'))
    expect(await at(approved.resolved_at, -1)).toEqual(held('1000.00', '-30.00', '970.00'))
    expect(await at(approved.resolved_at)).toEqual(held('970.00', '0.00', '970.00'))
    expect(await balanceAt(owner, account.id)).toEqual(await at(approved.resolved_at))
  })

  test('a waiting transfer is held by its payer, and one that is taken back by its receiver', async () => {
    const { owner, people } = await givenFamily(house, ['adult', 'child'])
    const [from, to] = [await givenAccount(owner), await givenAccount(owner, { opening_balance: '0' })]
    const transfer = { type: 'transfer', to_account_id: to.id }
    const waiting = await submit(people['child']!, from.id, '40', transfer)
    expect(await balanceAt(owner, from.id, waiting.created_at)).toMatchObject({ pending: '-40.00' })
    expect(await balanceAt(owner, to.id, waiting.created_at)).toMatchObject({ pending: '0.00' })
    await owner.ledger.call('rejectTransaction', { params: { id: waiting.id! }, body: { reason: 'no' } })
    await submit(owner, from.id, '4000', { type: 'income' })
    const huge = await submit(owner, from.id, '1500', transfer)
    const back = await people['adult']!.ledger.call('reverseTransaction', {
      params: { id: huge.id! },
      body: { reason: 'wrong account' },
    })
    expect(back.status).toBe('pending_approval')
    expect(await balanceAt(owner, to.id, back.created_at)).toEqual(await balanceAt(owner, to.id))
    expect(await balanceAt(owner, to.id, back.created_at)).toMatchObject({ pending: '-1500.00' })
    expect(await balanceAt(owner, from.id, back.created_at)).toMatchObject({ pending: '0.00' })
  })

  test.each([
    ['JPY', '1200', '1200'],
    ['KWD', '1.234', '1.234'],
  ])('%s keeps its places', async (currency, opening_balance, posted) => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { currency, opening_balance })
    expect(await balanceAt(owner, account.id, account.created_at)).toMatchObject({ posted })
  })

  test.each(['yesterday', '2026-05-01', '2026-02-30T00:00:00Z', '1969-12-31T23:59:59Z', ''])(
    'names a wrong at: %j',
    async (at) => {
      const { owner } = await givenFamily(house)
      const account = await givenAccount(owner)
      const problem = await refused(balanceAt(owner, account.id, at), 'invalid_request')
      expect(problem.errors.map(({ field }) => field)).toEqual(['at'])
    },
  )

  test('is not for who cannot see the account', async () => {
    const { owner, people } = await givenFamily(house, ['adult'])
    const hidden = await givenAccount(owner, { visibility: 'private' })
    for (const person of [people['adult']!, (await givenFamily(house)).owner])
      await refused(balanceAt(person, hidden.id, hidden.created_at), 'not_found')
  })
})
