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
type Query = Record<string, string>
const list = (person: Person, query: Query = {}) => person.ledger.call('listTransactions', { query })
const idsOf = async (person: Person, query: Query = {}) =>
  (await list(person, query)).items.map(({ id }) => id)
const category = (person: Person, name: string, parent_id?: string) =>
  person.ledger.call('createCategory', { body: { name, parent_id } })

describe('the list of transactions', () => {
  test('each filter, and several together', async () => {
    const { owner, people } = await givenFamily(house, ['member', 'child'])
    const [one, two] = [await givenAccount(owner), await givenAccount(owner)]
    const food = await category(owner, 'Food')
    const bread = await category(owner, 'Bread', food.id)
    const may = { occurred_at: '2026-05-10T12:00:00Z' }
    const june = { occurred_at: '2026-06-10T12:00:00Z' }
    const a = await submit(owner, one.id, '1', { category_id: food.id, description: 'Market 100%', ...may })
    const b = await submit(owner, two.id, '2', { category_id: bread.id, description: 'Rye_bread', ...june })
    const c = await submit(people['member']!, one.id, '3', { description: 'Кофе и булка', ...june })
    const d = await submit(owner, one.id, '4', { type: 'transfer', to_account_id: two.id, ...may })
    const e = await submit(owner, two.id, '5', { type: 'income', ...may })
    const f = await submit(people['child']!, two.id, '6')
    const ids = (...rows: { id: string | null }[]) => rows.map(({ id }) => id)
    expect(await idsOf(owner)).toEqual(ids(f, e, d, c, b, a))
    expect(await idsOf(owner, { account_id: one.id })).toEqual(ids(d, c, a))
    expect(await idsOf(owner, { account_id: two.id })).toEqual(ids(f, e, d, b))
    expect(await idsOf(owner, { status: 'pending_approval' })).toEqual(ids(f))
    expect(await idsOf(owner, { type: 'income' })).toEqual(ids(e))
    expect(await idsOf(owner, { category_id: food.id })).toEqual(ids(b, a))
    expect(await idsOf(owner, { category_id: bread.id })).toEqual(ids(b))
    expect(await idsOf(owner, { member_id: people['member']!.userId })).toEqual(ids(c))
    expect(await idsOf(owner, { from: may.occurred_at, to: june.occurred_at })).toEqual(ids(e, d, a))
    expect(await idsOf(owner, { to: may.occurred_at })).toEqual([])
    expect(await idsOf(owner, { account_id: two.id, type: 'expense', from: june.occurred_at })).toEqual(
      ids(f, b),
    )
    expect(await idsOf(owner, { q: 'market' })).toEqual(ids(a))
    expect(await idsOf(owner, { q: 'КОФЕ' })).toEqual(ids(c))
    expect(await idsOf(owner, { q: '0%' })).toEqual(ids(a))
    expect(await idsOf(owner, { q: '_' })).toEqual(ids(b))
    expect(await idsOf(owner, { q: '%' })).toEqual(ids(a))
    expect(await idsOf(owner, { q: '\\' })).toEqual([])
    expect(await idsOf(owner, { q: "'; --" })).toEqual([])
  })

  test('what another family has looks like what does not exist', async () => {
    const { owner } = await givenFamily(house)
    const foreign = (await givenFamily(house)).owner
    const account = await givenAccount(foreign)
    const theirs = await category(foreign, 'Theirs')
    await submit(foreign, account.id, '1', { category_id: theirs.id })
    for (const query of [
      { account_id: account.id },
      { category_id: theirs.id },
      { member_id: foreign.userId },
    ])
      expect(await list(owner, query)).toEqual({ items: [], next_cursor: null })
  })

  test('shows each role what moves on accounts they see, and approvers what waits for them', async () => {
    const { owner, people } = await givenFamily(house, ['adult', 'member', 'child', 'read_only'])
    const { adult, member, child, read_only } = people
    const family = await givenAccount(owner)
    const shared = await givenAccount(owner, { visibility: 'shared', shared_with: [child!.userId] })
    const hidden = await givenAccount(owner, { visibility: 'private' })
    const onFamily = (await submit(owner, family.id, '1')).id
    const onShared = (await submit(owner, shared.id, '2')).id
    const onHidden = (await submit(owner, hidden.id, '3')).id
    const across = (await submit(owner, hidden.id, '4', { type: 'transfer', to_account_id: family.id })).id
    const waits = (await submit(child!, shared.id, '5')).id
    expect(await idsOf(owner)).toEqual([waits, across, onHidden, onShared, onFamily])
    for (const person of [adult!, read_only!])
      expect(await idsOf(person)).toEqual([waits, across, onShared, onFamily])
    expect(await idsOf(child!)).toEqual([waits, across, onShared, onFamily])
    expect(await idsOf(member!)).toEqual([across, onFamily])
    expect(await idsOf(adult!, { account_id: hidden.id })).toEqual([across])
    expect(await idsOf(member!, { account_id: shared.id })).toEqual([])
    expect(await idsOf(member!, { account_id: family.id })).toEqual([across, onFamily])
    const seenByMember = await member!.ledger.call('getTransaction', { params: { id: across! } })
    expect(seenByMember).toMatchObject({ account_id: hidden.id, balances_after: null })
    await refused(member!.ledger.call('getTransaction', { params: { id: onShared! } }), 'not_found')
    await refused(adult!.ledger.call('getTransaction', { params: { id: onHidden! } }), 'not_found')
  })

  test('what waits on a private account is shown to who may approve it, and to nobody else', async () => {
    const { owner, people } = await givenFamily(house, ['adult', 'member', 'member'])
    const { adult, member, member2 } = people
    const hidden = await givenAccount(member!, { visibility: 'private' })
    const waits = await submit(member!, hidden.id, '500')
    expect(waits.status).toBe('pending_approval')
    for (const person of [owner, adult!, member!]) {
      expect(await idsOf(person)).toEqual([waits.id])
      expect(await idsOf(person, { status: 'pending_approval' })).toEqual([waits.id])
    }
    expect(await idsOf(member2!)).toEqual([])
    await owner.ledger.call('rejectTransaction', { params: { id: waits.id! }, body: { reason: 'no' } })
    expect(await idsOf(owner)).toEqual([])
    expect(await idsOf(member!)).toEqual([waits.id])
  })

  test('pages stay right while rows are added, whole families and single accounts alike', async () => {
    const { owner, people } = await givenFamily(house, ['member'])
    const [one, two] = [await givenAccount(owner), await givenAccount(owner)]
    await givenAccount(owner, { visibility: 'private' })
    const made: (string | null)[] = []
    for (let n = 0; n < 7; n += 1)
      made.unshift(
        n % 2 === 0
          ? (await submit(owner, one.id, '1')).id
          : (await submit(owner, one.id, '1', { type: 'transfer', to_account_id: two.id })).id,
      )
    for (const [person, filter] of [
      [owner, {}],
      [people['member']!, {}],
      [owner, { account_id: one.id }],
    ] as const) {
      const seen: (string | null)[] = []
      let cursor: string | null = null
      do {
        const page = await list(person, { ...filter, limit: '3', ...(cursor === null ? {} : { cursor }) })
        seen.push(...page.items.map(({ id }) => id))
        cursor = page.next_cursor
        await submit(owner, one.id, '0.01')
      } while (cursor !== null)
      expect(seen.filter((id) => made.includes(id))).toEqual(made)
      expect(new Set(seen).size).toBe(seen.length)
    }
  })

  test('a cursor of another list or family, cut or made up, is refused by name', async () => {
    const { owner } = await givenFamily(house)
    const foreign = (await givenFamily(house)).owner
    const cursors: string[] = []
    for (const person of [owner, foreign]) {
      const account = await givenAccount(person)
      await givenAccount(person)
      for (let n = 0; n < 2; n += 1) await submit(person, account.id, '1')
      cursors.push((await list(person, { limit: '1' })).next_cursor!)
    }
    const [own, theirs] = cursors as [string, string]
    const ofAccounts = (await owner.ledger.call('listAccounts', { query: { limit: '1' } })).next_cursor!
    const madeUp = Buffer.from('00000000-0000-0000-0000-000000000000').toString('base64url')
    expect((await list(owner, { cursor: own })).items).toHaveLength(1)
    for (const cursor of [
      theirs,
      ofAccounts,
      own.slice(0, -3),
      `${own}AA`,
      madeUp,
      'nonsense',
      '___',
      'a b',
    ]) {
      const problem = await refused(list(owner, { cursor }), 'invalid_request')
      expect(problem.errors.map(({ field }) => field)).toEqual(['cursor'])
    }
  })

  test.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: '1e2' }],
    ['limit', { limit: '10 ' }],
    ['status', { status: 'done' }],
    ['type', { type: 'opening' }],
    ['account_id', { account_id: 'x' }],
    ['category_id', { category_id: '1' }],
    ['member_id', { member_id: '' }],
    ['from', { from: '2026-05-01' }],
    ['to', { from: '2026-05-02T00:00:00Z', to: '2026-05-01T00:00:00Z' }],
    ['q', { q: '\u0000' }],
    ['q', { q: 'x'.repeat(101) }],
    ['sort', { sort: 'amount' }],
  ])('names a wrong %s: %j', async (field, query) => {
    const { owner } = await givenFamily(house)
    const target = `/api/v1/transactions?${new URLSearchParams(query as Record<string, string>).toString()}`
    const answer = await owner.ledger.send({ method: 'GET', target })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field }] } })
  })
})
