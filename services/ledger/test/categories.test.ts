import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => at.stop())

const create = (person: Person, name = 'Food', parent_id?: string) =>
  person.ledger.call('createCategory', { body: { name, ...(parent_id ? { parent_id } : {}) } })
const update = (person: Person, id: string, body: object) =>
  person.ledger.call('updateCategory', { params: { id }, body })
const fieldsOf = async (call: Promise<unknown>) =>
  (await refused(call, 'invalid_request')).errors.map(({ field }) => field)

describe('a category', () => {
  test('is made with one event, and listed', async () => {
    const { owner } = await givenFamily(at.house)
    const food = await create(owner, 'Еда')
    expect(food).toEqual({
      id: food.id,
      name: 'Еда',
      parent_id: null,
      archived: false,
      created_by: owner.userId,
      created_at: expect.any(String),
    })
    const bread = await create(owner, 'Bread', food.id)
    expect(bread.parent_id).toBe(food.id)
    expect((await owner.ledger.call('listCategories')).items).toEqual([food, bread])
    expect(await at.eventsOf(food.id)).toEqual([
      {
        action: 'category.created',
        version: 1,
        actor: owner.userId,
        reason: undefined,
        old: null,
        new: food,
      },
    ])
  })

  test('is renamed, moved and archived; only what changed is told', async () => {
    const { owner } = await givenFamily(at.house)
    const [food, bread] = [await create(owner), await create(owner, 'Bread')]
    expect(await update(owner, bread.id, { name: 'Rolls', parent_id: food.id })).toMatchObject({
      name: 'Rolls',
      parent_id: food.id,
    })
    expect(await update(owner, bread.id, { name: 'Rolls' })).toMatchObject({ name: 'Rolls' })
    expect(await update(owner, bread.id, { archived: true })).toMatchObject({ archived: true })
    expect(await update(owner, bread.id, { parent_id: null })).toMatchObject({ parent_id: null })
    const events = await at.eventsOf(bread.id)
    expect(
      events.map(({ action, version, old, new: next }) => [action, version, old, next]).slice(1),
    ).toEqual([
      ['category.updated', 2, { name: 'Bread', parent_id: null }, { name: 'Rolls', parent_id: food.id }],
      ['category.updated', 3, { archived: false }, { archived: true }],
      ['category.updated', 4, { parent_id: food.id }, { parent_id: null }],
    ])
    const list = async (archived: 'true' | 'false') =>
      (await owner.ledger.call('listCategories', { query: { archived } })).items.map(({ id }) => id)
    expect([await list('true'), await list('false')]).toEqual([[bread.id], [food.id]])
  })

  test('the tree has one level', async () => {
    const { owner } = await givenFamily(at.house)
    const [food, home] = [await create(owner), await create(owner, 'Home')]
    const bread = await create(owner, 'Bread', food.id)
    const old = await create(owner, 'Old')
    await update(owner, old.id, { archived: true })
    const before = await at.stateOf(owner.session.family.id)
    expect(await fieldsOf(create(owner, 'Rye', bread.id))).toEqual(['parent_id'])
    expect(await fieldsOf(create(owner, 'New', old.id))).toEqual(['parent_id'])
    expect(await fieldsOf(create(owner, 'New', randomUUID()))).toEqual(['parent_id'])
    expect(await fieldsOf(update(owner, home.id, { parent_id: bread.id }))).toEqual(['parent_id'])
    expect(await fieldsOf(update(owner, home.id, { parent_id: home.id }))).toEqual(['parent_id'])
    expect(await fieldsOf(update(owner, home.id, { parent_id: old.id }))).toEqual(['parent_id'])
    expect(await fieldsOf(update(owner, food.id, { parent_id: home.id }))).toEqual(['parent_id'])
    expect(await at.stateOf(owner.session.family.id)).toEqual(before)
  })

  test('crossing moves never make a second level', async () => {
    const { owner } = await givenFamily(at.house)
    for (let round = 0; round < 5; round++) {
      const [one, two] = [await create(owner), await create(owner)]
      await Promise.allSettled([
        update(owner, one.id, { parent_id: two.id }),
        update(owner, two.id, { parent_id: one.id }),
        create(owner, 'Under one', one.id),
        create(owner, 'Under two', two.id),
      ])
    }
    const deep = await at.rows(
      `SELECT c.id FROM ledger.categories c JOIN ledger.categories p ON p.family_id = c.family_id AND p.id = c.parent_id
       WHERE p.parent_id IS NOT NULL`,
    )
    expect(deep).toEqual([])
  })

  test('is managed by owners and adults, by members as far as they made it', async () => {
    const { owner, people } = await givenFamily(at.house, ['adult', 'member', 'child', 'read_only'])
    const { adult, member, child, read_only } = people
    const theirs = await create(owner)
    const own = await create(member!, 'Mine')
    const before = await at.stateOf(owner.session.family.id)
    await refused(update(member!, theirs.id, { name: 'x' }), 'permission_denied')
    for (const person of [child!, read_only!]) {
      await refused(create(person), 'permission_denied')
      await refused(update(person, own.id, { name: 'x' }), 'permission_denied')
      expect((await person.ledger.call('listCategories')).items).toHaveLength(2)
    }
    expect(await at.stateOf(owner.session.family.id)).toEqual(before)
    expect(await update(member!, own.id, { name: 'Hobby' })).toMatchObject({ name: 'Hobby' })
    expect(await update(adult!, own.id, { name: 'Hobbies' })).toMatchObject({ name: 'Hobbies' })
  })

  test('of another family is unknown', async () => {
    const [mine, theirs] = [await givenFamily(at.house), await givenFamily(at.house)]
    const food = await create(mine.owner)
    await refused(update(theirs.owner, food.id, { name: 'x' }), 'not_found')
    expect(await fieldsOf(create(theirs.owner, 'x', food.id))).toEqual(['parent_id'])
    expect((await theirs.owner.ledger.call('listCategories')).items).toEqual([])
  })

  test('with the same key is made once', async () => {
    const { owner } = await givenFamily(at.house)
    const idempotencyKey = randomUUID()
    const once = () => owner.ledger.call('createCategory', { body: { name: 'Food' }, idempotencyKey })
    expect(await once()).toEqual(await once())
    expect((await owner.ledger.call('listCategories')).items).toHaveLength(1)
  })

  test('pages through the list', async () => {
    const { owner } = await givenFamily(at.house)
    const made = []
    for (const name of ['a', 'b', 'c']) made.push((await create(owner, name)).id)
    const first = await owner.ledger.call('listCategories', { query: { limit: '2' } })
    const second = await owner.ledger.call('listCategories', {
      query: { limit: '2', cursor: first.next_cursor! },
    })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made)
    expect(second.next_cursor).toBeNull()
  })
})

describe('money on a category', () => {
  const legsOf = (id: string | null) =>
    at.rows<{ kind: string; amount: string; category_id: string | null }>(
      `SELECT a.kind, p.amount, a.category_id FROM ledger.postings p
       JOIN ledger.accounts a ON a.family_id = p.family_id AND a.id = p.account_id
       WHERE p.transaction_id = $1 ORDER BY a.kind`,
      [id],
    )

  test('goes to the category’s own account, and comes back from it', async () => {
    const { owner } = await givenFamily(at.house)
    const [account, food] = [await givenAccount(owner), await create(owner)]
    const spent = await spend(owner, account, '12.50', { category_id: food.id })
    expect(spent).toMatchObject({ status: 'posted', category_id: food.id })
    const kinds = (legs: Awaited<ReturnType<typeof legsOf>>) =>
      legs.map(({ kind, amount }) => `${kind} ${amount}`)
    expect(kinds(await legsOf(spent.id))).toEqual(['cash -1250', 'category 1250'])
    const earned = await spend(owner, account, '5', { type: 'income', category_id: food.id })
    expect(kinds(await legsOf(earned.id))).toEqual(['cash 500', 'category -500'])
    const reversal = await owner.ledger.call('reverseTransaction', {
      params: { id: spent.id! },
      body: { reason: 'returned' },
    })
    expect(reversal.category_id).toBe(food.id)
    expect(kinds(await legsOf(reversal.id))).toEqual(['cash 1250', 'category -1250'])
    const accounts = await at.rows<{ posted: string }>(
      'SELECT posted FROM ledger.accounts WHERE category_id = $1',
      [food.id],
    )
    expect(accounts).toEqual([{ posted: '-500' }])
    expect((await owner.ledger.call('listAccounts')).items).toHaveLength(1)
  })

  test('has one account for each currency, however many come first at once', async () => {
    const { owner } = await givenFamily(at.house)
    const food = await create(owner)
    const [euros, dollars] = [await givenAccount(owner), await givenAccount(owner, { currency: 'USD' })]
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2
          ? spend(owner, euros, '1', { category_id: food.id })
          : spend(owner, dollars, '2', { category_id: food.id, currency: 'USD' }),
      ),
    )
    const accounts = await at.rows(
      'SELECT currency, posted FROM ledger.accounts WHERE category_id = $1 ORDER BY currency',
      [food.id],
    )
    expect(accounts).toEqual([
      { currency: 'EUR', posted: '600' },
      { currency: 'USD', posted: '1200' },
    ])
  })

  test('that waits goes there when it is approved', async () => {
    const { owner, people } = await at.familyKnown(['child'])
    const [account, food] = [await givenAccount(owner), await create(owner)]
    const { id } = await spend(people['child']!, account, '3', { category_id: food.id })
    await owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} })
    expect((await legsOf(id)).map(({ kind, amount }) => `${kind} ${amount}`)).toEqual([
      'cash -300',
      'category 300',
    ])
  })

  test.each(['unknown', 'foreign', 'archived', 'on a transfer'])(
    'is refused on one that is %s',
    async (what) => {
      const [{ owner }, theirs] = [await givenFamily(at.house), await givenFamily(at.house)]
      const [account, other, food] = [
        await givenAccount(owner),
        await givenAccount(owner),
        await create(owner),
      ]
      if (what === 'archived') await update(owner, food.id, { archived: true })
      const category_id =
        what === 'unknown' ? randomUUID() : what === 'foreign' ? (await create(theirs.owner)).id : food.id
      const more = what === 'on a transfer' ? { type: 'transfer', to_account_id: other.id } : {}
      const before = await at.stateOf(owner.session.family.id)
      expect(await fieldsOf(spend(owner, account, '1', { category_id, ...more }))).toEqual(['category_id'])
      expect(await at.stateOf(owner.session.family.id)).toEqual(before)
    },
  )

  test('stays with one that is archived later, and can still be undone', async () => {
    const { owner } = await givenFamily(at.house)
    const [account, food] = [await givenAccount(owner), await create(owner)]
    const { id } = await spend(owner, account, '4', { category_id: food.id })
    await update(owner, food.id, { archived: true })
    expect(await owner.ledger.call('getTransaction', { params: { id: id! } })).toMatchObject({
      category_id: food.id,
    })
    await owner.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } })
    expect(await owner.ledger.call('getBalance', { params: { id: account.id } })).toMatchObject({
      posted: '1000.00',
    })
  })
})
