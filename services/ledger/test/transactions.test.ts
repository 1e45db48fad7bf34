import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { balanceOf, type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { stopWithSoundBooks } from './support/sound-books.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => stopWithSoundBooks(at))

describe('spending', () => {
  test('within the threshold posts at once, with one event', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const transaction = await spend(owner, account, '12.50', { description: 'coffee' })
    expect(transaction).toMatchObject({
      type: 'expense',
      status: 'posted',
      amount: '12.50',
      currency: 'EUR',
      description: 'coffee',
      created_by: owner.userId,
      approval: null,
      balances_after: [{ account_id: account.id, posted: '987.50', pending: '0.00', available: '987.50' }],
    })
    expect(await balanceOf(owner, account.id)).toEqual({
      posted: '987.50',
      pending: '0.00',
      available: '987.50',
    })
    expect(await at.actionsOf(transaction.id)).toEqual(['transaction.posted'])
    const read = await owner.ledger.call('getTransaction', { params: { id: transaction.id! } })
    expect(read).toEqual({ ...transaction, balances_after: null })
  })

  test('income and transfers move money the other way and between accounts', async () => {
    const { owner } = await givenFamily(at.house)
    const [one, two] = [await givenAccount(owner), await givenAccount(owner, { opening_balance: '0' })]
    await spend(owner, one, '0.01', { type: 'income' })
    const moved = await spend(owner, one, '250', { type: 'transfer', to_account_id: two.id })
    expect(moved.balances_after).toHaveLength(2)
    expect(await balanceOf(owner, one.id)).toMatchObject({ posted: '750.01' })
    expect(await balanceOf(owner, two.id)).toMatchObject({ posted: '250.00' })
  })

  test.each([
    ['JPY', '1000', '300', '700'],
    ['KWD', '1000.000', '0.001', '999.999'],
  ])('%s keeps its own places', async (currency, opening_balance, amount, left) => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner, { currency, opening_balance })
    await spend(owner, account, amount, { currency })
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: left })
  })

  test('more than there is is refused and changes nothing', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner, { opening_balance: '10.00', overdraft_limit: '5.00' })
    await refused(spend(owner, account, '15.01'), 'insufficient_funds')
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
    await spend(owner, account, '15.00')
    expect(await balanceOf(owner, account.id)).toMatchObject({ available: '-5.00' })
  })

  test('fifty at once from 1,000 by hundreds: exactly ten succeed', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => spend(owner, account, '100.00')),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '0.00', available: '0.00' })
  })

  test('a dry run answers 200 with the same shape and writes nothing', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const preview = await owner.ledger.call('submitTransaction', {
      query: { dry_run: 'true' },
      body: { type: 'expense', account_id: account.id, amount: '1.00', currency: 'EUR' },
    })
    expect(preview).toMatchObject({ id: null, status: 'posted', balances_after: [{ posted: '999.00' }] })
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00' })
  })

  test.each([
    ['amount', { amount: 5 }],
    ['amount', { amount: '5.001' }],
    ['currency', { currency: 'USD' }],
    ['occurred_at', { occurred_at: '2150-01-01T00:00:00Z' }],
    ['created_by', { created_by: randomUUID() }],
  ])('names a wrong %s', async (field, more) => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const problem = await refused(spend(owner, account, '5.00', more), 'invalid_request')
    expect(problem.errors.map((error) => error.field)).toContain(field)
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
  })
})

describe('another family', () => {
  test('sees nothing of it: 404, empty lists', async () => {
    const [mine, theirs] = [await givenFamily(at.house), await givenFamily(at.house)]
    const account = await givenAccount(mine.owner)
    const { id } = await spend(mine.owner, account, '5')
    const { ledger } = theirs.owner
    await refused(ledger.call('getAccount', { params: { id: account.id } }), 'not_found')
    await refused(ledger.call('getBalance', { params: { id: account.id } }), 'not_found')
    await refused(ledger.call('getTransaction', { params: { id: id! } }), 'not_found')
    await refused(ledger.call('approveTransaction', { params: { id: id! }, body: {} }), 'not_found')
    await refused(
      ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } }),
      'not_found',
    )
    await refused(spend(theirs.owner, account, '5'), 'not_found')
    expect((await ledger.call('listAccounts')).items).toEqual([])
    expect((await ledger.call('listTransactions')).items).toEqual([])
    expect(await balanceOf(mine.owner, account.id)).toMatchObject({ posted: '995.00' })
  })
})

test('pages through a list without losing or repeating an item while rows are added', async () => {
  const { owner } = await givenFamily(at.house)
  const account = await givenAccount(owner)
  for (let n = 1; n <= 5; n++) await spend(owner, account, String(n))
  const first = await owner.ledger.call('listTransactions', { query: { limit: '2' } })
  await spend(owner, account, '9')
  const second = await owner.ledger.call('listTransactions', {
    query: { limit: '2', cursor: first.next_cursor! },
  })
  const third = await owner.ledger.call('listTransactions', {
    query: { limit: '2', cursor: second.next_cursor! },
  })
  const amounts = [...first.items, ...second.items, ...third.items].map(({ amount }) => amount)
  expect(amounts).toEqual(['5.00', '4.00', '3.00', '2.00', '1.00'])
  expect(third.next_cursor).toBeNull()
  await refused(owner.ledger.call('listTransactions', { query: { cursor: 'nonsense' } }), 'invalid_request')
  await refused(owner.ledger.call('listTransactions', { query: { limit: '101' } }), 'invalid_request')
})

test('the service’s role cannot change or remove what was posted', async () => {
  const client = new pg.Client({ connectionString: at.house.database.urlOf('ledger') })
  await client.connect()
  try {
    for (const statement of [
      'UPDATE postings SET amount = 1',
      'DELETE FROM postings',
      'TRUNCATE postings',
      'DELETE FROM transactions',
    ])
      await expect(client.query(statement)).rejects.toThrow(/permission denied/)
    await expect(client.query('SELECT 1 FROM auth.users')).rejects.toThrow(/permission denied/)
  } finally {
    await client.end()
  }
  await expect(at.rows('UPDATE ledger.postings SET amount = amount')).rejects.toThrow(/insert-only/)
})
