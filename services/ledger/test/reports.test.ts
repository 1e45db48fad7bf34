import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'

let house: House

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
}, 30_000)
afterAll(() => house.stop())

const submit = (person: Person, account: string, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
  })
const year = { from: '2025-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }
const on = (month: string, day = '10') => ({ occurred_at: `2025-${month}-${day}T12:00:00Z` })

type SummaryInput = NonNullable<Parameters<typeof summary>[1]>
const summary = (
  person: Person,
  query: {
    from?: string
    to?: string
    currency?: string
    account_id?: string
    group_by?: 'category' | 'member' | 'account' | 'month' | 'day'
  } = year,
) => person.ledger.call('getSummaryReport', { query })
const linesOf = async (person: Person, query: SummaryInput = {}) =>
  (await summary(person, { ...year, ...query })).items.map(
    ({ key, name, currency, income, expense, net, transactions }) => [
      name ?? key,
      currency,
      income,
      expense,
      net,
      transactions,
    ],
  )

describe('the summary', () => {
  test('by category, member, account and month, with totals per currency', async () => {
    const { owner, people } = await givenFamily(house, ['member'])
    const wallet = await givenAccount(owner, { name: 'Wallet' })
    const bank = await givenAccount(owner, { name: 'Bank' })
    const yen = await givenAccount(owner, { name: 'Yen', currency: 'JPY', opening_balance: '5000' })
    const food = await owner.ledger.call('createCategory', { body: { name: 'Food' } })
    await submit(owner, wallet.id, '10.10', { category_id: food.id, ...on('03') })
    await submit(people['member']!, wallet.id, '20.20', { category_id: food.id, ...on('04') })
    await submit(owner, bank.id, '5', on('04'))
    await submit(owner, bank.id, '1000', { type: 'income', ...on('04') })
    await submit(owner, yen.id, '300', { currency: 'JPY', ...on('04') })
    await submit(owner, bank.id, '7', { type: 'transfer', to_account_id: wallet.id, ...on('04') })
    await submit(owner, bank.id, '99', { occurred_at: '2026-01-01T00:00:00Z' })
    expect(await linesOf(owner)).toEqual([
      ['Food', 'EUR', '0.00', '30.30', '-30.30', 2],
      [null, 'EUR', '1000.00', '5.00', '995.00', 2],
      [null, 'JPY', '0', '300', '-300', 1],
    ])
    expect(await linesOf(owner, { group_by: 'account' })).toEqual([
      ['Bank', 'EUR', '1000.00', '5.00', '995.00', 2],
      ['Wallet', 'EUR', '0.00', '30.30', '-30.30', 2],
      ['Yen', 'JPY', '0', '300', '-300', 1],
    ])
    expect(await linesOf(owner, { group_by: 'month', currency: 'EUR' })).toEqual([
      ['2025-03', 'EUR', '0.00', '10.10', '-10.10', 1],
      ['2025-04', 'EUR', '1000.00', '25.20', '974.80', 3],
    ])
    expect(await linesOf(owner, { group_by: 'day', currency: 'EUR' })).toEqual([
      ['2025-03-10', 'EUR', '0.00', '10.10', '-10.10', 1],
      ['2025-04-10', 'EUR', '1000.00', '25.20', '974.80', 3],
    ])
    const members = await summary(owner, { ...year, group_by: 'member', currency: 'EUR' })
    expect(members.items.map(({ key, expense }) => [key, expense]).toSorted()).toEqual(
      [
        [owner.userId, '15.10'],
        [people['member']!.userId, '20.20'],
      ].toSorted(),
    )
    expect(members).toMatchObject({
      from: '2025-01-01T00:00:00.000Z',
      to: '2026-01-01T00:00:00.000Z',
      group_by: 'member',
      totals: [{ currency: 'EUR', income: '1000.00', expense: '35.30', net: '964.70', transactions: 4 }],
    })
    expect(await linesOf(owner, { account_id: wallet.id })).toEqual([
      ['Food', 'EUR', '0.00', '30.30', '-30.30', 2],
    ])
  })

  test('without bounds is the running month', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    await submit(owner, account.id, '4')
    const report = await summary(owner, {})
    expect(report.from.slice(7)).toBe('-01T00:00:00.000Z')
    expect(report.items).toMatchObject([{ key: null, expense: '4.00', transactions: 1 }])
  })

  test('leaves out what waits, what was refused, and both sides of what was reversed', async () => {
    const { owner, people } = await givenFamily(house, ['child'])
    const account = await givenAccount(owner)
    const undone = await submit(owner, account.id, '10', on('05'))
    await submit(owner, account.id, '1', on('05'))
    await submit(people['child']!, account.id, '2', on('05'))
    const refusedOne = await submit(people['child']!, account.id, '3', on('05'))
    await owner.ledger.call('rejectTransaction', { params: { id: refusedOne.id! }, body: { reason: 'no' } })
    const reverse = { params: { id: undone.id! }, body: { reason: 'wrong' } }
    await owner.ledger.call('reverseTransaction', reverse)
    const everything = { from: '2020-01-01T00:00:00Z', to: '2029-12-01T00:00:00Z' }
    expect((await summary(owner, everything)).totals).toMatchObject([
      { expense: '1.00', income: '0.00', transactions: 1 },
    ])
  })

  test('counts only accounts that one sees; a child’s own, shared and family ones', async () => {
    const { owner, people } = await givenFamily(house, ['adult', 'member', 'child', 'read_only'])
    const { adult, member, child, read_only } = people
    const family = await givenAccount(owner)
    const shared = await givenAccount(owner, { visibility: 'shared', shared_with: [child!.userId] })
    const hidden = await givenAccount(owner, { visibility: 'private' })
    for (const [account, amount] of [
      [family, '1'],
      [shared, '20'],
      [hidden, '300'],
    ] as const)
      await submit(owner, account.id, amount, on('05'))
    const spentBy = async (person: Person) => (await summary(person)).totals[0]?.expense
    expect(await spentBy(owner)).toBe('321.00')
    for (const person of [adult!, child!, read_only!]) expect(await spentBy(person)).toBe('21.00')
    expect(await spentBy(member!)).toBe('1.00')
    await refused(summary(member!, { ...year, account_id: shared.id }), 'not_found')
    await refused(summary((await givenFamily(house)).owner, { ...year, account_id: family.id }), 'not_found')
  })

  test.each([
    ['to', { from: year.to, to: year.from }],
    ['to', { from: '2015-12-31T00:00:00Z', to: year.to }],
    ['from', { from: '2001-01-01T00:00:00Z' }],
    ['currency', { currency: 'eur' }],
    ['group_by', { group_by: 'weekday' as 'month' }],
    ['account_id', { account_id: '1' }],
  ])('names a wrong %s: %j', async (field, query) => {
    const { owner } = await givenFamily(house)
    const problem = await refused(summary(owner, query), 'invalid_request')
    expect(problem.errors.map((error) => error.field)).toEqual([field])
  })
})

describe('cash flow', () => {
  test('has every month of UTC in each currency that moved', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    await submit(owner, account.id, '5', { occurred_at: '2025-01-31T23:59:59Z' })
    await submit(owner, account.id, '6', { occurred_at: '2025-02-01T00:30:00+01:00' })
    await submit(owner, account.id, '70', { type: 'income', ...on('03') })
    const query = { from: '2025-01-01T00:00:00Z', to: '2025-04-01T00:00:00Z' }
    const report = await owner.ledger.call('getCashFlowReport', { query })
    expect(report.items).toEqual([
      { month: '2025-01', currency: 'EUR', income: '0.00', expense: '11.00', net: '-11.00' },
      { month: '2025-02', currency: 'EUR', income: '0.00', expense: '0.00', net: '0.00' },
      { month: '2025-03', currency: 'EUR', income: '70.00', expense: '0.00', net: '70.00' },
    ])
    expect(
      (await owner.ledger.call('getCashFlowReport', { query: { ...query, currency: 'JPY' } })).items,
    ).toEqual([])
    expect((await owner.ledger.call('getCashFlowReport', {})).items).toHaveLength(0)
    await refused(
      owner.ledger.call('getCashFlowReport', { query: { account_id: crypto.randomUUID() } }),
      'not_found',
    )
  })
})

describe('net worth', () => {
  test('is what accounts hold and owe at the end of each month, by currency', async () => {
    const { owner, people } = await givenFamily(house, ['member'])
    await givenAccount(owner, { opening_balance: '100' })
    const credit = await givenAccount(owner, { kind: 'credit', opening_balance: '0', overdraft_limit: '500' })
    await givenAccount(owner, { currency: 'KWD', opening_balance: '1.250', visibility: 'private' })
    await submit(owner, credit.id, '40')
    const report = await owner.ledger.call('getNetWorthReport', {})
    expect(report.items).toHaveLength(24)
    const month = new Date().toISOString().slice(0, 7)
    expect(report.items.slice(-2)).toEqual([
      { month, currency: 'EUR', assets: '100.00', liabilities: '40.00', net: '60.00' },
      { month, currency: 'KWD', assets: '1.250', liabilities: '0.000', net: '1.250' },
    ])
    expect(report.items[0]).toMatchObject({ currency: 'EUR', assets: '0.00', liabilities: '0.00' })
    const seen = await people['member']!.ledger.call('getNetWorthReport', {})
    expect(seen.items.map(({ currency }) => currency)).not.toContain('KWD')
    expect((await owner.ledger.call('getNetWorthReport', { query: { currency: 'KWD' } })).items).toHaveLength(
      12,
    )
    const future = { from: '2190-01-01T00:00:00Z', to: '2191-01-01T00:00:00Z' }
    expect((await owner.ledger.call('getNetWorthReport', { query: future })).items).toEqual([])
  })

  test('ends where the period ends, and names a period that is too long', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { opening_balance: '100' })
    const [report] = (
      await owner.ledger.call('getNetWorthReport', {
        query: { from: '2026-01-01T00:00:00Z', to: account.created_at },
      })
    ).items.slice(-1)
    expect(report).toMatchObject({ assets: '0.00' })
    const long = { from: '2010-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }
    const problem = await refused(owner.ledger.call('getNetWorthReport', { query: long }), 'invalid_request')
    expect(problem.errors).toMatchObject([{ field: 'to' }])
  })
})

test('reports need a token', async () => {
  const { owner } = await givenFamily(house)
  for (const id of ['getSummaryReport', 'getCashFlowReport', 'getNetWorthReport'] as const)
    await refused(owner.ledger.call(id, { credentials: {} }), 'unauthenticated')
})
