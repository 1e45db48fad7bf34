import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'

let house: House
let sql: pg.Client

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
}, 30_000)
afterAll(async () => {
  await invariants()
  await sql.end()
  await house.stop()
})

const spend = (person: Person, account: string, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
  })

const balanceOf = (person: Person, id: string) => person.ledger.call('getBalance', { params: { id } })

const eventsOf = async (entityId: string | null) => {
  const { rows } = await sql.query<{
    subject: string
    version: number
    payload: { reason?: string; actorid?: string }
  }>('SELECT subject, version, payload FROM ledger.outbox WHERE entity_id = $1 ORDER BY seq', [entityId])
  return rows.map(({ subject, version, payload }) => ({
    action: subject.replace(/^ledger\.|\.v1$/g, ''),
    version,
    payload,
  }))
}
const actionsOf = async (entityId: string | null) => (await eventsOf(entityId)).map(({ action }) => action)

/** The ledger hears of members from the bus; a test that needs them all waits for it. */
const familyKnown = async (roles: Parameters<typeof givenFamily>[1] = []): Promise<Family> => {
  const family = await givenFamily(house, roles)
  const count = () =>
    sql
      .query<{ n: number }>('SELECT count(*)::int AS n FROM ledger.members WHERE family_id = $1', [family.id])
      .then(({ rows }) => rows[0]!.n)
  await eventually(count, (n) => n === 1 + roles.length)
  return family
}

const invariants = async () => {
  const { rows: unbalanced } = await sql.query(
    'SELECT transaction_id FROM ledger.postings GROUP BY transaction_id, currency HAVING sum(amount) <> 0',
  )
  const { rows: wrongBalance } = await sql.query(
    `SELECT a.id FROM ledger.accounts a
     WHERE a.posted <> (SELECT coalesce(sum(p.amount), 0) FROM ledger.postings p WHERE p.account_id = a.id)`,
  )
  const { rows: gaps } = await sql.query(
    'SELECT entity_id FROM ledger.outbox GROUP BY entity_type, entity_id HAVING max(version) <> count(*) OR min(version) <> 1',
  )
  expect({ unbalanced, wrongBalance, gaps }).toEqual({ unbalanced: [], wrongBalance: [], gaps: [] })
}

describe('spending', () => {
  test('within the threshold posts at once, with one event', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const transaction = await spend(owner, account.id, '12.50', { description: 'coffee' })
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
    expect(await actionsOf(transaction.id)).toEqual(['transaction.posted'])
    const read = await owner.ledger.call('getTransaction', { params: { id: transaction.id! } })
    expect(read).toEqual({ ...transaction, balances_after: null })
  })

  test('income and transfers move money the other way and between accounts', async () => {
    const { owner } = await givenFamily(house)
    const [one, two] = [await givenAccount(owner), await givenAccount(owner, { opening_balance: '0' })]
    await spend(owner, one.id, '0.01', { type: 'income' })
    const moved = await spend(owner, one.id, '250', { type: 'transfer', to_account_id: two.id })
    expect(moved.balances_after).toHaveLength(2)
    expect(await balanceOf(owner, one.id)).toMatchObject({ posted: '750.01' })
    expect(await balanceOf(owner, two.id)).toMatchObject({ posted: '250.00' })
  })

  test.each([
    ['JPY', '1000', '300', '700'],
    ['KWD', '1000.000', '0.001', '999.999'],
  ])('%s keeps its own places', async (currency, opening_balance, amount, left) => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { currency, opening_balance })
    await spend(owner, account.id, amount, { currency })
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: left })
  })

  test('more than there is is refused and changes nothing', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { opening_balance: '10.00', overdraft_limit: '5.00' })
    await refused(spend(owner, account.id, '15.01'), 'insufficient_funds')
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
    await spend(owner, account.id, '15.00')
    expect(await balanceOf(owner, account.id)).toMatchObject({ available: '-5.00' })
  })

  test('fifty at once from 1,000 by hundreds: exactly ten succeed', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => spend(owner, account.id, '100.00')),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '0.00', available: '0.00' })
  })

  test('a dry run answers 200 with the same shape and writes nothing', async () => {
    const { owner } = await givenFamily(house)
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
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const problem = await refused(spend(owner, account.id, '5.00', more), 'invalid_request')
    expect(problem.errors.map((error) => error.field)).toContain(field)
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
  })
})

describe('the same Idempotency-Key', () => {
  const body = (account_id: string, amount = '7.00') => ({
    type: 'expense' as const,
    account_id,
    amount,
    currency: 'EUR',
  })

  test('gives the stored answer and moves the money once', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const idempotencyKey = randomUUID()
    const once = () => owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey })
    const first = await once()
    expect(JSON.stringify(await once())).toBe(JSON.stringify(first))
    await refused(
      owner.ledger.call('submitTransaction', { body: body(account.id, '8.00'), idempotencyKey }),
      'idempotency_key_reused',
    )
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
    expect(await actionsOf(first.id)).toEqual(['transaction.posted'])
  })

  test('sent twenty times at once moves it once', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const idempotencyKey = randomUUID()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey }),
      ),
    )
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
    expect(new Set(ids).size).toBe(1)
    for (const result of results)
      if (result.status === 'rejected') await refused(Promise.reject(result.reason), 'request_in_progress')
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
  })

  test('keeps a refusal the same after the money has come', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { opening_balance: '5.00' })
    const idempotencyKey = randomUUID()
    const attempt = () => owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey })
    await refused(attempt(), 'insufficient_funds')
    await spend(owner, account.id, '100', { type: 'income' })
    await refused(attempt(), 'insufficient_funds')
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '105.00' })
  })

  test('is required', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const answer = await fetch(`${house.urls.ledger}/api/v1/transactions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.session.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body(account.id)),
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      'idempotency_key_missing',
    ])
  })
})

describe('approval', () => {
  test('a large spending waits, holds its sum and posts when somebody else approves', async () => {
    const { owner, people } = await familyKnown(['member', 'adult'])
    const account = await givenAccount(owner)
    const waiting = await spend(people['member']!, account.id, '250.00', { description: 'bike' })
    expect(waiting).toMatchObject({
      status: 'pending_approval',
      resolved_at: null,
      approval: { required: 1, given: 0, why: 'above_threshold', threshold: '100.00' },
      balances_after: [
        { account_id: account.id, posted: '1000.00', pending: '-250.00', available: '750.00' },
      ],
    })
    expect(waiting.approval!.can_approve.map(({ id }) => id).toSorted()).toEqual(
      [owner.userId, people['adult']!.userId].toSorted(),
    )
    const params = { id: waiting.id! }
    await refused(
      people['member']!.ledger.call('approveTransaction', { params, body: {} }),
      'permission_denied',
    )
    const approved = await people['adult']!.ledger.call('approveTransaction', {
      params,
      body: { comment: 'fine' },
    })
    expect(approved).toMatchObject({
      status: 'posted',
      resolved_by: people['adult']!.userId,
      approval: { given: 1 },
      balances_after: [{ posted: '750.00', pending: '0.00', available: '750.00' }],
    })
    await refused(owner.ledger.call('approveTransaction', { params, body: {} }), 'already_resolved')
    expect(await actionsOf(waiting.id)).toEqual([
      'transaction.submitted',
      'transaction.approved',
      'transaction.posted',
    ])
  })

  test('an author with the right to approve still needs somebody else', async () => {
    const { owner, people } = await familyKnown(['adult'])
    const account = await givenAccount(owner, { opening_balance: '5000' })
    const waiting = await spend(people['adult']!, account.id, '1000.01')
    await refused(
      people['adult']!.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} }),
      'self_approval',
    )
    expect(await actionsOf(waiting.id)).toEqual(['transaction.submitted'])
  })

  test('splitting does not help: the sum of a day counts', async () => {
    const { owner, people } = await familyKnown(['member'])
    const account = await givenAccount(owner)
    expect(await spend(people['member']!, account.id, '60')).toMatchObject({ status: 'posted' })
    expect(await spend(people['member']!, account.id, '41')).toMatchObject({
      status: 'pending_approval',
      approval: { why: 'rolling_sum' },
    })
    expect(await spend(people['member']!, account.id, '40')).toMatchObject({ status: 'posted' })
  })

  test('of many spendings at once no more than the threshold passes', async () => {
    const { owner, people } = await familyKnown(['member'])
    const account = await givenAccount(owner)
    const all = await Promise.all(
      Array.from({ length: 12 }, () => spend(people['member']!, account.id, '20')),
    )
    expect(all.filter(({ status }) => status === 'posted')).toHaveLength(5)
  })

  test.each(['reject', 'cancel'] as const)('%s releases the hold', async (how) => {
    const { owner, people } = await familyKnown(['child'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account.id, '5.00')
    const params = { id: id! }
    const resolved =
      how === 'reject'
        ? await owner.ledger.call('rejectTransaction', { params, body: { reason: 'not now' } })
        : await people['child']!.ledger.call('cancelTransaction', { params, body: {} })
    expect(resolved).toMatchObject({ status: how === 'reject' ? 'rejected' : 'cancelled' })
    expect(await balanceOf(owner, account.id)).toEqual({
      posted: '1000.00',
      pending: '0.00',
      available: '1000.00',
    })
    const events = await eventsOf(id)
    expect(events.map(({ action }) => action)).toEqual([
      'transaction.submitted',
      `transaction.${resolved.status}`,
    ])
    if (how === 'reject') expect(events[1]!.payload.reason).toBe('not now')
  })

  test('whoever races, one resolution wins', async () => {
    const { owner, people } = await familyKnown(['child', 'adult'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account.id, '5.00')
    const params = { id: id! }
    const results = await Promise.allSettled([
      ...[owner, people['adult']!, owner].map((person) =>
        person.ledger.call('approveTransaction', { params, body: {} }),
      ),
      ...[owner, people['adult']!].map((person) =>
        person.ledger.call('rejectTransaction', { params, body: { reason: 'no' } }),
      ),
      people['child']!.ledger.call('cancelTransaction', { params, body: {} }),
    ])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') await refused(Promise.reject(result.reason), 'already_resolved')
  })

  test('what waits too long expires and is released', async () => {
    const { owner, people } = await familyKnown(['child'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account.id, '5.00')
    await sql.query(`UPDATE ledger.transactions SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      id,
    ])
    await refused(
      owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} }),
      'already_resolved',
    )
    const read = () => owner.ledger.call('getTransaction', { params: { id: id! } })
    await eventually(read, ({ status }) => status === 'expired')
    expect(await balanceOf(owner, account.id)).toMatchObject({ available: '1000.00' })
    expect(await actionsOf(id)).toEqual(['transaction.submitted', 'transaction.expired'])
  })
})

describe('reversal', () => {
  test('undoes by an opposite transaction, once', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const original = await spend(owner, account.id, '40.00')
    const params = { id: original.id! }
    const reversal = await owner.ledger.call('reverseTransaction', { params, body: { reason: 'wrong shop' } })
    expect(reversal).toMatchObject({
      type: 'expense',
      status: 'posted',
      reverses: original.id,
      reason: 'wrong shop',
      balances_after: [{ posted: '1000.00' }],
    })
    expect(await owner.ledger.call('getTransaction', { params })).toMatchObject({
      status: 'reversed',
      reversed_by: reversal.id,
    })
    await refused(
      owner.ledger.call('reverseTransaction', { params, body: { reason: 'x' } }),
      'already_reversed',
    )
    await refused(
      owner.ledger.call('reverseTransaction', { params: { id: reversal.id! }, body: { reason: 'x' } }),
      'not_reversible',
    )
    expect(await actionsOf(original.id)).toEqual(['transaction.posted', 'transaction.reversed'])
    expect(await actionsOf(reversal.id)).toEqual(['transaction.posted'])
  })

  test('ten at once make one', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const { id } = await spend(owner, account.id, '40.00')
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        owner.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'twice' } }),
      ),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00' })
  })

  test('of a large one waits for approval like a spending', async () => {
    const { owner, people } = await familyKnown(['member'])
    const account = await givenAccount(owner)
    const { id } = await spend(owner, account.id, '300')
    const params = { id: id! }
    const waiting = await people['member']!.ledger.call('reverseTransaction', {
      params,
      body: { reason: 'refund' },
    })
    expect(waiting).toMatchObject({ status: 'pending_approval', reverses: id })
    await refused(
      owner.ledger.call('reverseTransaction', { params, body: { reason: 'x' } }),
      'already_reversed',
    )
    await owner.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} })
    expect(await owner.ledger.call('getTransaction', { params })).toMatchObject({
      status: 'reversed',
      reversed_by: waiting.id,
    })
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00', pending: '0.00' })
  })

  test('of money that was spent meanwhile is refused', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { opening_balance: '0' })
    const { id } = await spend(owner, account.id, '50', { type: 'income' })
    await spend(owner, account.id, '30')
    await refused(
      owner.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } }),
      'insufficient_funds',
    )
  })
})

describe('another family', () => {
  test('sees nothing of it: 404, empty lists', async () => {
    const [mine, theirs] = [await givenFamily(house), await givenFamily(house)]
    const account = await givenAccount(mine.owner)
    const { id } = await spend(mine.owner, account.id, '5')
    const { ledger } = theirs.owner
    await refused(ledger.call('getAccount', { params: { id: account.id } }), 'not_found')
    await refused(ledger.call('getBalance', { params: { id: account.id } }), 'not_found')
    await refused(ledger.call('getTransaction', { params: { id: id! } }), 'not_found')
    await refused(ledger.call('approveTransaction', { params: { id: id! }, body: {} }), 'not_found')
    await refused(
      ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } }),
      'not_found',
    )
    await refused(spend(theirs.owner, account.id, '5'), 'not_found')
    expect((await ledger.call('listAccounts')).items).toEqual([])
    expect((await ledger.call('listTransactions')).items).toEqual([])
    expect(await balanceOf(mine.owner, account.id)).toMatchObject({ posted: '995.00' })
  })
})

test('pages through a list without losing or repeating an item while rows are added', async () => {
  const { owner } = await givenFamily(house)
  const account = await givenAccount(owner)
  for (let n = 1; n <= 5; n++) await spend(owner, account.id, String(n))
  const first = await owner.ledger.call('listTransactions', { query: { limit: '2' } })
  await spend(owner, account.id, '9')
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
  const client = new pg.Client({ connectionString: house.database.urlOf('ledger') })
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
  await expect(sql.query('UPDATE ledger.postings SET amount = amount')).rejects.toThrow(/insert-only/)
})
