import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => at.stop())

const close = (person: Person, { id }: { id: string }, body: { comment?: string } = {}) =>
  person.ledger.call('closeAccount', { params: { id }, body })
const reopen = (person: Person, { id }: { id: string }, more: object = {}) =>
  person.ledger.call('updateAccount', { params: { id }, body: { status: 'open', ...more } })
const reverse = (person: Person, id: string | null) =>
  person.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } })

describe('closing an account', () => {
  test('keeps its balance and leaves one event', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    expect(await close(owner, account, { comment: 'moved banks' })).toEqual({ ...account, status: 'closed' })
    expect(await owner.ledger.call('getAccount', { params: { id: account.id } })).toMatchObject({
      status: 'closed',
      balance: { posted: '1000.00' },
    })
    expect((await at.eventsOf(account.id)).slice(1)).toEqual([
      {
        action: 'account.closed',
        version: 2,
        actor: owner.userId,
        reason: 'moved banks',
        old: { status: 'open' },
        new: { status: 'closed' },
      },
    ])
    const ids = async (status: 'open' | 'closed') =>
      (await owner.ledger.call('listAccounts', { query: { status } })).items.map(({ id }) => id)
    expect([await ids('open'), await ids('closed')]).toEqual([[], [account.id]])
  })

  test('happens once, whoever races', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => close(owner, account)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await refused(close(owner, account), 'account_closed')
    expect(await at.actionsOf(account.id)).toEqual(['account.created', 'account.closed'])
  })

  test('with the same key answers the same again', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const input = { params: { id: account.id }, body: {}, idempotencyKey: randomUUID() }
    expect(await owner.ledger.call('closeAccount', input)).toEqual(
      await owner.ledger.call('closeAccount', input),
    )
    expect(await at.actionsOf(account.id)).toEqual(['account.created', 'account.closed'])
  })

  test('is for owners and adults who see it', async () => {
    const [family, theirs] = [
      await givenFamily(at.house, ['adult', 'member', 'child', 'read_only']),
      await givenFamily(at.house),
    ]
    const { adult, member, child, read_only } = family.people
    const account = await givenAccount(member!)
    const hidden = await givenAccount(member!, { visibility: 'private' })
    const before = await at.stateOf(family.id)
    for (const person of [member!, child!, read_only!])
      await refused(close(person, account), 'permission_denied')
    await refused(close(adult!, hidden), 'not_found')
    await refused(close(theirs.owner, account), 'not_found')
    await refused(close(adult!, { id: randomUUID() }), 'not_found')
    await refused(close(adult!, account, { comment: 'a\u0000b' }), 'invalid_request')
    const [outside] = await at.rows<{ id: string }>(
      `SELECT id FROM ledger.accounts WHERE family_id = $1 AND kind = 'outside'`,
      [family.id],
    )
    await refused(close(adult!, outside!), 'not_found')
    expect(await at.stateOf(family.id)).toEqual(before)
    expect(await close(adult!, account)).toMatchObject({ status: 'closed' })
  })
})

describe('a closed account', () => {
  test('takes no movement of any kind', async () => {
    const { owner } = await givenFamily(at.house)
    const [account, other] = [await givenAccount(owner), await givenAccount(owner)]
    const posted = await spend(owner, account, '10')
    const moved = await spend(owner, other, '10', { type: 'transfer', to_account_id: account.id })
    await close(owner, account)
    const before = await at.stateOf(owner.session.family.id)
    await refused(spend(owner, account, '1'), 'account_closed')
    await refused(spend(owner, account, '1', { type: 'income' }), 'account_closed')
    await refused(spend(owner, account, '1', { type: 'transfer', to_account_id: other.id }), 'account_closed')
    await refused(spend(owner, other, '1', { type: 'transfer', to_account_id: account.id }), 'account_closed')
    await refused(reverse(owner, posted.id), 'account_closed')
    await refused(reverse(owner, moved.id), 'account_closed')
    await refused(
      owner.ledger.call('submitTransaction', {
        query: { dry_run: 'true' },
        body: { type: 'expense', account_id: account.id, amount: '1', currency: 'EUR' },
      }),
      'account_closed',
    )
    expect(await at.stateOf(owner.session.family.id)).toEqual(before)
  })

  test('does not let what waits be approved, but refused, taken back, or expire', async () => {
    const { owner, people } = await at.familyKnown(['child', 'member'])
    const account = await givenAccount(owner)
    const child = people['child']!
    const [one, two, three] = [
      await spend(child, account, '1'),
      await spend(child, account, '2'),
      await spend(child, account, '3'),
    ]
    const spent = await spend(owner, account, '300')
    const reversal = await reverse(people['member']!, spent.id)
    expect(await close(owner, account)).toMatchObject({ balance: { pending: '-6.00' } })
    const by = (id: string | null) => ({ params: { id: id! } })
    for (const { id } of [one, reversal])
      await refused(owner.ledger.call('approveTransaction', { ...by(id), body: {} }), 'account_closed')
    await owner.ledger.call('rejectTransaction', { ...by(one.id), body: { reason: 'closed' } })
    await child.ledger.call('cancelTransaction', { ...by(two.id), body: {} })
    await at.rows(`UPDATE ledger.transactions SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      three.id,
    ])
    await eventuallyPending(owner, account.id)
    expect(await at.actionsOf(three.id)).toEqual(['transaction.submitted', 'transaction.expired'])
  })

  test('is left as it is until it is opened again, which may come with other changes', async () => {
    const { owner, people } = await givenFamily(at.house, ['member'])
    const account = await givenAccount(people['member']!)
    await close(owner, account)
    await refused(
      owner.ledger.call('updateAccount', { params: { id: account.id }, body: { name: 'x' } }),
      'account_closed',
    )
    await refused(reopen(people['member']!, account), 'permission_denied')
    expect(await reopen(owner, account, { name: 'Again' })).toMatchObject({ status: 'open', name: 'Again' })
    expect(await spend(owner, account, '1')).toMatchObject({ status: 'posted' })
    expect((await at.eventsOf(account.id)).at(-1)).toMatchObject({
      action: 'account.updated',
      version: 3,
      old: { name: 'Wallet', status: 'closed' },
      new: { name: 'Again', status: 'open' },
    })
  })

  test('closing and spending at once: what was posted was posted before', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const results = await Promise.allSettled([
      ...Array.from({ length: 10 }, () => spend(owner, account, '1')),
      close(owner, account),
    ])
    for (const result of results)
      if (result.status === 'rejected') await refused(Promise.reject(result.reason), 'account_closed')
    const posted = results.slice(0, 10).filter(({ status }) => status === 'fulfilled').length
    expect(await owner.ledger.call('getBalance', { params: { id: account.id } })).toMatchObject({
      posted: `${1000 - posted}.00`,
    })
  })
})

const eventuallyPending = (person: Person, id: string) =>
  eventually(
    () => person.ledger.call('getBalance', { params: { id } }),
    ({ pending }) => pending === '0.00',
  )
