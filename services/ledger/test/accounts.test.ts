import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
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
  await sql.end()
  await house.stop()
})

const knownMembers = (familyId: string) =>
  sql
    .query<{ n: number }>('SELECT count(*)::int AS n FROM ledger.members WHERE family_id = $1', [familyId])
    .then(({ rows }) => rows[0]!.n)

describe('opening an account', () => {
  test('answers it with its balance and leaves one event', async () => {
    const { owner } = await givenFamily(house)
    const account = await givenAccount(owner, { name: 'Кошелёк', kind: 'cash', opening_balance: '50.00' })
    expect(account).toMatchObject({
      name: 'Кошелёк',
      kind: 'cash',
      currency: 'EUR',
      visibility: 'family',
      owner_id: owner.userId,
      status: 'open',
      overdraft_limit: '0.00',
      balance: { posted: '50.00', pending: '0.00', available: '50.00' },
    })
    expect(await owner.ledger.call('getAccount', { params: { id: account.id } })).toEqual(account)
    expect((await owner.ledger.call('listAccounts')).items).toEqual([account])
    const { rows } = await sql.query('SELECT subject FROM ledger.outbox WHERE family_id = $1', [
      owner.session.family.id,
    ])
    expect(rows).toEqual([{ subject: 'ledger.account.created.v1' }])
  })

  test('names each person once with whom it is shared', async () => {
    const { owner } = await givenFamily(house)
    const shared_with = [owner.userId, owner.userId]
    const account = await givenAccount(owner, { visibility: 'shared', shared_with })
    expect(account.shared_with).toEqual([owner.userId])
  })

  test('an overdraft needs the permission to set limits, as a change of it does', async () => {
    const { people } = await givenFamily(house, ['member'])
    const problem = await refused(
      givenAccount(people['member']!, { overdraft_limit: '0.01' }),
      'permission_denied',
    )
    expect(problem.detail).toMatch(/member\.limit\.update.*owner, adult/)
    expect(await givenAccount(people['member']!, { overdraft_limit: '0' })).toMatchObject({ status: 'open' })
    expect((await people['member']!.ledger.call('listAccounts')).items).toHaveLength(1)
  })

  test('a family opens no more than its books can count', async () => {
    const { owner } = await givenFamily(house)
    await givenAccount(owner)
    await sql.query(
      `UPDATE ledger.accounts SET posted = -(10::numeric ^ 17) + 100 WHERE family_id = $1 AND kind = 'opening'`,
      [owner.session.family.id],
    )
    const problem = await refused(givenAccount(owner, { opening_balance: '1.01' }), 'invalid_request')
    expect(problem.errors.map(({ field }) => field)).toEqual(['opening_balance'])
    expect((await owner.ledger.call('listAccounts')).items).toHaveLength(1)
    expect(await givenAccount(owner, { opening_balance: '1.00' })).toMatchObject({ status: 'open' })
  })

  test.each([
    ['currency', { currency: 'eur' }],
    ['opening_balance', { opening_balance: '1.005' }],
    ['opening_balance', { opening_balance: '-1' }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(81) }],
    ['shared_with', { shared_with: ['00000000-0000-4000-8000-000000000000'] }],
  ])('names a wrong %s and keeps nothing', async (field, body) => {
    const { owner } = await givenFamily(house)
    const problem = await refused(givenAccount(owner, body), 'invalid_request')
    expect(problem.errors.map((error) => error.field)).toContain(field)
    const { rows } = await sql.query('SELECT 1 FROM ledger.accounts WHERE family_id = $1', [
      owner.session.family.id,
    ])
    expect(rows).toEqual([])
  })

  test('is not for children, nor for somebody else by a member', async () => {
    const { owner, people } = await givenFamily(house, ['child', 'member'])
    await refused(givenAccount(people['child']!), 'permission_denied')
    await refused(givenAccount(people['member']!, { owner_id: owner.userId }), 'permission_denied')
  })

  test('for a child by an owner: pocket money, never private', async () => {
    const { id, owner, people } = await givenFamily(house, ['child'])
    await eventually(
      () => knownMembers(id),
      (count) => count === 2,
    )
    const child = people['child']!
    expect(await givenAccount(owner, { owner_id: child.userId })).toMatchObject({ owner_id: child.userId })
    await refused(givenAccount(owner, { owner_id: child.userId, visibility: 'private' }), 'invalid_request')
  })
})

describe('visibility', () => {
  test('family, shared and private accounts are seen by whom they should be', async () => {
    const { id, owner, people } = await givenFamily(house, [
      'adult',
      'member',
      'member',
      'child',
      'read_only',
    ])
    await eventually(
      () => knownMembers(id),
      (count) => count === 6,
    )
    const { adult, member, member2, child, read_only } = people
    const family = await givenAccount(member!, { name: 'family' })
    const shared = await givenAccount(member!, {
      name: 'shared',
      visibility: 'shared',
      shared_with: [child!.userId],
    })
    const hidden = await givenAccount(member!, { name: 'private', visibility: 'private' })
    const namesSeenBy = async (person: NonNullable<typeof adult>) =>
      (await person.ledger.call('listAccounts')).items.map(({ name }) => name).toSorted()
    expect(await namesSeenBy(member!)).toEqual(['family', 'private', 'shared'])
    for (const person of [owner, adult!, child!, read_only!])
      expect(await namesSeenBy(person)).toEqual(['family', 'shared'])
    expect(await namesSeenBy(member2!)).toEqual(['family'])
    for (const account of [shared, hidden])
      await refused(member2!.ledger.call('getAccount', { params: { id: account.id } }), 'not_found')
    await refused(owner.ledger.call('getAccount', { params: { id: hidden.id } }), 'not_found')
    expect(await read_only!.ledger.call('getAccount', { params: { id: family.id } })).toMatchObject({
      name: 'family',
    })
  })
})
