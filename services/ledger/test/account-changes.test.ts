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

const update = (person: Person, { id }: { id: string }, body: object) =>
  person.ledger.call('updateAccount', { params: { id }, body })
const fieldsOf = async (call: Promise<unknown>) =>
  (await refused(call, 'invalid_request')).errors.map(({ field }) => field)

describe('changing an account', () => {
  test('answers it, and tells only what changed', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const changed = await update(owner, account, { name: 'Purse', overdraft_limit: '5' })
    expect(changed).toEqual({ ...account, name: 'Purse', overdraft_limit: '5.00' })
    expect(await owner.ledger.call('getAccount', { params: { id: account.id } })).toEqual(changed)
    expect((await at.eventsOf(account.id)).slice(1)).toEqual([
      {
        action: 'account.updated',
        version: 2,
        actor: owner.userId,
        reason: undefined,
        old: { name: 'Wallet', overdraft_limit: '0.00' },
        new: { name: 'Purse', overdraft_limit: '5.00' },
      },
    ])
  })

  test('to what it is already leaves no event', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    expect(await update(owner, account, { name: 'Wallet', status: 'open', visibility: 'family' })).toEqual(
      account,
    )
    expect(await at.actionsOf(account.id)).toEqual(['account.created'])
  })

  test('many at once number their events without a gap', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    await Promise.all(Array.from({ length: 8 }, (_, n) => update(owner, account, { name: `Purse ${n}` })))
    const events = await at.eventsOf(account.id)
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const [index, { old }] of events.entries())
      if (index > 1) expect(old).toEqual({ name: events[index - 1]!.new!['name'] })
  })

  test('with the same key changes it once', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const idempotencyKey = randomUUID()
    const once = () =>
      owner.ledger.call('updateAccount', { params: { id: account.id }, body: { name: 'A' }, idempotencyKey })
    const first = await once()
    await update(owner, account, { name: 'B' })
    expect(await once()).toEqual(first)
    expect(await owner.ledger.call('getAccount', { params: { id: account.id } })).toMatchObject({ name: 'B' })
  })

  test.each([
    ['nothing', '', {}],
    ['name', 'name', { name: ' ' }],
    ['visibility', 'visibility', { visibility: 'secret' }],
    ['limit', 'overdraft_limit', { overdraft_limit: '1.001' }],
    ['sign', 'overdraft_limit', { overdraft_limit: '-1' }],
    ['status', 'status', { status: 'closed' }],
    ['currency', 'currency', { currency: 'USD' }],
    ['owner', 'owner_id', { owner_id: randomUUID() }],
    ['people of one that is not shared', 'shared_with', { shared_with: [] }],
    [
      'people who are not in the family',
      'shared_with',
      { visibility: 'shared', shared_with: [randomUUID()] },
    ],
  ])('names what is wrong with %s', async (_name, field, body) => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const before = await at.stateOf(owner.session.family.id)
    expect(await fieldsOf(update(owner, account, body))).toContain(field)
    expect(await at.stateOf(owner.session.family.id)).toEqual(before)
  })

  test('limits keep the places of the currency', async () => {
    const { owner } = await givenFamily(at.house)
    const yen = await givenAccount(owner, { currency: 'JPY', opening_balance: '0' })
    const dinar = await givenAccount(owner, { currency: 'KWD', opening_balance: '0' })
    expect(await fieldsOf(update(owner, yen, { overdraft_limit: '1.5' }))).toEqual(['overdraft_limit'])
    expect(await update(owner, yen, { overdraft_limit: '15' })).toMatchObject({ overdraft_limit: '15' })
    expect(await update(owner, dinar, { overdraft_limit: '0.005' })).toMatchObject({
      overdraft_limit: '0.005',
    })
  })

  test('a limit below what is overdrawn stops further spending', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner, { opening_balance: '0', overdraft_limit: '10' })
    await spend(owner, account, '10')
    expect(await update(owner, account, { overdraft_limit: '5' })).toMatchObject({
      balance: { available: '-10.00' },
    })
    await refused(spend(owner, account, '0.01'), 'insufficient_funds')
    await spend(owner, account, '6', { type: 'income' })
    expect(await spend(owner, account, '1')).toMatchObject({ status: 'posted' })
  })
})

describe('who changes an account', () => {
  test('each role as far as its permissions reach', async () => {
    const [family, theirs] = [
      await givenFamily(at.house, ['adult', 'member', 'member', 'child', 'read_only']),
      await givenFamily(at.house),
    ]
    const { owner, people } = family
    const { adult, member, member2, child, read_only } = people
    const ofOwner = await givenAccount(owner)
    const ofMember = await givenAccount(member!)
    const hidden = await givenAccount(member!, { visibility: 'private' })
    const before = await at.stateOf(family.id)
    await refused(update(member!, ofOwner, { name: 'x' }), 'permission_denied')
    const limit = await refused(update(member!, ofMember, { overdraft_limit: '5' }), 'permission_denied')
    expect(limit.detail).toContain('member.limit.update')
    expect(limit.detail).toContain('owner, adult')
    await refused(update(member!, ofMember, { status: 'open' }), 'permission_denied')
    for (const person of [child!, read_only!])
      await refused(update(person, ofOwner, { name: 'x' }), 'permission_denied')
    await refused(update(owner, hidden, { name: 'x' }), 'not_found')
    await refused(update(theirs.owner, ofOwner, { name: 'x' }), 'not_found')
    await refused(update(owner, { id: randomUUID() }, { name: 'x' }), 'not_found')
    expect(await at.stateOf(family.id)).toEqual(before)
    expect(await update(member!, ofMember, { name: 'Mine' })).toMatchObject({ name: 'Mine' })
    expect(await update(member!, hidden, { visibility: 'family' })).toMatchObject({ visibility: 'family' })
    expect(await update(adult!, ofMember, { overdraft_limit: '5' })).toMatchObject({
      overdraft_limit: '5.00',
    })
    await refused(update(member2!, ofMember, { name: 'x' }), 'permission_denied')
  })

  test('without a token nobody', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const answer = await fetch(`${at.house.urls.ledger}/api/v1/accounts/${account.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x' }),
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      401,
      'unauthenticated',
    ])
  })
})

describe('sharing', () => {
  test('an account that stops being shared names nobody, and is out of their sight', async () => {
    const { owner, people } = await at.familyKnown(['member', 'child'])
    const { member, child } = people
    const account = await givenAccount(member!, { visibility: 'private' })
    const sees = (person: Person) => person.ledger.call('getAccount', { params: { id: account.id } })
    await refused(sees(child!), 'not_found')
    const shared = await update(member!, account, {
      visibility: 'shared',
      shared_with: [child!.userId, child!.userId],
    })
    expect(shared).toMatchObject({ visibility: 'shared', shared_with: [child!.userId] })
    expect(await sees(child!)).toMatchObject({ id: account.id })
    expect(await sees(owner)).toMatchObject({ id: account.id })
    expect(await update(member!, account, { name: 'Ours' })).toMatchObject({ shared_with: [child!.userId] })
    expect(await update(member!, account, { visibility: 'private' })).toMatchObject({ shared_with: [] })
    await refused(sees(child!), 'not_found')
    await refused(spend(child!, account, '1'), 'not_found')
    expect((await at.eventsOf(account.id)).at(-1)).toMatchObject({
      old: { visibility: 'shared', shared_with: [child!.userId] },
      new: { visibility: 'private', shared_with: [] },
    })
  })

  test('what is shared with a member is theirs to rename and to share', async () => {
    const { owner, people } = await at.familyKnown(['member', 'child'])
    const { member, child } = people
    const account = await givenAccount(owner, { visibility: 'shared', shared_with: [member!.userId] })
    const both = [member!.userId, child!.userId]
    expect(await update(member!, account, { name: 'Ours', shared_with: both })).toMatchObject({
      name: 'Ours',
      shared_with: both,
    })
    await refused(update(child!, account, { name: 'x' }), 'permission_denied')
  })

  test('a child’s account cannot become private', async () => {
    const { owner, people } = await at.familyKnown(['child'])
    const account = await givenAccount(owner, { owner_id: people['child']!.userId })
    expect(await fieldsOf(update(owner, account, { visibility: 'private' }))).toEqual(['visibility'])
    expect(await update(owner, account, { visibility: 'shared' })).toMatchObject({ visibility: 'shared' })
  })
})
