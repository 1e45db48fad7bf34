import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import type { AccountEntry } from '../../../libs/contracts/src/index.ts'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'
import { nextMillisecond } from './next-millisecond.ts'

let house: House
let sql: pg.Client

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
}, 30_000)
afterAll(async () => {
  await sql.end()
  await house.stop()
})

const move = (person: Person, account: string, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
  })

type Query = NonNullable<Parameters<typeof entries>[2]>
const entries = (
  person: Person,
  id: string,
  query: Partial<Record<'limit' | 'cursor' | 'from' | 'to', string>> = {},
) => person.ledger.call('listEntries', { params: { id }, query })

const allEntries = async (person: Person, id: string, query: Query = {}): Promise<AccountEntry[]> => {
  const items: AccountEntry[] = []
  let cursor: string | null = null
  do {
    const page = await entries(person, id, { ...query, ...(cursor === null ? {} : { cursor }) })
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  return items
}

describe('the statement', () => {
  test('begins with the opening balance and keeps a running one, newest first', async () => {
    const { owner } = await givenFamily(house)
    const [account, other] = [await givenAccount(owner), await givenAccount(owner, { opening_balance: '0' })]
    const coffee = await move(owner, account.id, '12.50', { description: 'coffee' })
    const salary = await move(owner, account.id, '2000', { type: 'income' })
    const moved = await move(owner, account.id, '100', { type: 'transfer', to_account_id: other.id })
    const { items, next_cursor } = await entries(owner, account.id)
    expect(next_cursor).toBeNull()
    expect(items.map(({ type, amount, balance }) => [type, amount, balance])).toEqual([
      ['transfer', '-100.00', '2887.50'],
      ['income', '2000.00', '2987.50'],
      ['expense', '-12.50', '987.50'],
      ['opening', '1000.00', '1000.00'],
    ])
    expect(items.map(({ transaction_id }) => transaction_id).slice(0, 3)).toEqual([
      moved.id,
      salary.id,
      coffee.id,
    ])
    expect(items[2]).toMatchObject({
      currency: 'EUR',
      description: 'coffee',
      created_by: owner.userId,
      category_id: null,
      reverses: null,
      occurred_at: coffee.occurred_at,
      posted_at: coffee.created_at,
    })
    expect((await entries(owner, other.id)).items).toMatchObject([
      { type: 'transfer', amount: '100.00', balance: '100.00' },
    ])
  })

  test('shows a reversal as an entry of its own, and nothing of what only waits', async () => {
    const { owner, people } = await givenFamily(house, ['child'])
    const account = await givenAccount(owner)
    const spent = await move(owner, account.id, '10')
    const reversal = await owner.ledger.call('reverseTransaction', {
      params: { id: spent.id! },
      body: { reason: 'twice' },
    })
    expect((await move(people['child']!, account.id, '5')).status).toBe('pending_approval')
    const { items } = await entries(owner, account.id)
    expect(items.map(({ amount, balance, reverses }) => [amount, balance, reverses])).toEqual([
      ['10.00', '1000.00', spent.id],
      ['-10.00', '990.00', null],
      ['1000.00', '1000.00', null],
    ])
    expect(items[0]?.transaction_id).toBe(reversal.id)
  })

  test('pages stay right while rows are added', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    for (let n = 1; n <= 6; n += 1) await move(owner, account.id, String(n))
    const first = await entries(owner, account.id, { limit: '3' })
    await move(owner, account.id, '7')
    const second = await entries(owner, account.id, { limit: '3', cursor: first.next_cursor! })
    await move(owner, account.id, '8')
    const third = await entries(owner, account.id, { limit: '3', cursor: second.next_cursor! })
    expect([first, second, third].flatMap(({ items }) => items.map(({ amount }) => amount))).toEqual([
      '-6.00',
      '-5.00',
      '-4.00',
      '-3.00',
      '-2.00',
      '-1.00',
      '1000.00',
    ])
    expect(third.next_cursor).toBeNull()
    const whole = await allEntries(owner, account.id, { limit: '2' })
    expect(whole).toEqual((await entries(owner, account.id)).items)
    whole.forEach(({ balance, amount }, index) => {
      const before = whole[index + 1]?.balance ?? '0'
      expect(Number(balance)).toBeCloseTo(Number(before) + Number(amount), 6)
    })
  })

  test('of a period counts from its first moment to before its last', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    await move(owner, account.id, '1')
    await nextMillisecond()
    const two = await move(owner, account.id, '2')
    await nextMillisecond()
    const three = await move(owner, account.id, '3')
    const amounts = async (query: Query) =>
      (await allEntries(owner, account.id, query)).map(({ amount }) => amount)
    const later = new Date(Date.parse(three.created_at) + 1).toISOString()
    expect(await amounts({ from: three.created_at })).toEqual(['-3.00'])
    expect(await amounts({ to: two.created_at })).not.toContain('-2.00')
    expect(await amounts({ to: three.created_at })).toEqual(['-2.00', '-1.00', '1000.00'])
    expect(await amounts({ from: two.created_at, to: later, limit: '1' })).toEqual(['-3.00', '-2.00'])
    expect(await amounts({ from: later })).toEqual([])
    expect(await amounts({ to: '2001-01-01T00:00:00Z' })).toEqual([])
    expect(await amounts({ from: '2001-01-01T00:00:00Z', to: '2002-01-01T00:00:00Z' })).toEqual([])
  })

  test('follows the sequence where two writers’ clocks disagree', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const late = await move(owner, account.id, '1')
    const early = await move(owner, account.id, '2')
    await sql.query('ALTER TABLE ledger.postings DISABLE TRIGGER postings_insert_only')
    await sql.query(
      `UPDATE ledger.postings SET created_at = created_at - interval '40 ms' WHERE transaction_id = $1`,
      [early.id],
    )
    await sql.query('ALTER TABLE ledger.postings ENABLE TRIGGER postings_insert_only')
    const later = new Date(Date.parse(late.created_at) + 1).toISOString()
    expect((await entries(owner, account.id, { to: later })).items.map(({ balance }) => balance)).toEqual([
      '997.00',
      '999.00',
      '1000.00',
    ])
    const params = { id: account.id }
    expect(await owner.ledger.call('getBalance', { params, query: { at: late.created_at } })).toMatchObject({
      posted: '997.00',
    })
  })

  test.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: '1e2' }],
    ['limit', { limit: '10 ' }],
    ['cursor', { cursor: 'nonsense' }],
    ['cursor', { cursor: 'MTIz' }],
    ['from', { from: 'yesterday' }],
    ['to', { from: '2026-05-01T00:00:00Z', to: '2026-05-01T00:00:00Z' }],
  ])('names a wrong %s: %j', async (field, query) => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const problem = await refused(entries(owner, account.id, query), 'invalid_request')
    expect(problem.errors.map((error) => error.field)).toEqual([field])
  })

  test('is for those who see the account, and a cursor is for its own account', async () => {
    const { owner, people } = await givenFamily(house, ['adult'])
    const stranger = (await givenFamily(house)).owner
    const hidden = await givenAccount(owner, { visibility: 'private' })
    const other = await givenAccount(owner)
    await move(owner, hidden.id, '1')
    await refused(entries(people['adult']!, hidden.id), 'not_found')
    await refused(entries(stranger, hidden.id), 'not_found')
    await refused(
      owner.ledger.call('listEntries', { params: { id: hidden.id }, credentials: {} }),
      'unauthenticated',
    )
    const { next_cursor } = await entries(owner, hidden.id, { limit: '1' })
    const problem = await refused(entries(owner, other.id, { cursor: next_cursor! }), 'invalid_request')
    expect(problem.errors).toMatchObject([{ field: 'cursor' }])
  })
})
