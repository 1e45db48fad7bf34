import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { balanceOf, type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { approve, reject } from './support/resolve.ts'
import { stopWithSoundBooks } from './support/sound-books.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => stopWithSoundBooks(at))

describe('reversal', () => {
  test('undoes by an opposite transaction, once', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const original = await spend(owner, account, '40.00')
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
    expect(await at.actionsOf(original.id)).toEqual(['transaction.posted', 'transaction.reversed'])
    expect(await at.actionsOf(reversal.id)).toEqual(['transaction.posted'])
  })

  test('ten at once make one', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const { id } = await spend(owner, account, '40.00')
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        owner.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'twice' } }),
      ),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00' })
  })

  test('of a large one waits for approval like a spending', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner)
    const { id } = await spend(owner, account, '300')
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
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner, { opening_balance: '0' })
    const { id } = await spend(owner, account, '50', { type: 'income' })
    await spend(owner, account, '30')
    await refused(
      owner.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'x' } }),
      'insufficient_funds',
    )
  })
})

describe('reversing', () => {
  const reverse = (person: Person, { id }: { id: string | null }) =>
    person.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'wrong' } })

  test('needs sight of every side, unless one may reverse anything', async () => {
    const { owner, people, id } = await at.familyKnown(['member', 'member', 'child'])
    const { member, member2 } = people
    const open = await givenAccount(member!)
    const hidden = await givenAccount(member!, { visibility: 'private' })
    const moved = await spend(member!, open, '10', { type: 'transfer', to_account_id: hidden.id })
    const spent = await spend(member!, hidden, '5')
    const before = await at.stateOf(id)
    await refused(reverse(member2!, moved), 'permission_denied')
    await refused(reverse(member2!, spent), 'not_found')
    await refused(reverse(owner, spent), 'not_found')
    await refused(reverse(people['child']!, moved), 'permission_denied')
    expect(await at.stateOf(id)).toEqual(before)
    expect((await reverse(owner, moved)).balances_after).toEqual([
      { account_id: open.id, posted: '1000.00', pending: '0.00', available: '1000.00' },
    ])
  })

  test('of what waits, was refused or is a reversal is not possible', async () => {
    const { owner, people, id } = await at.familyKnown(['child'])
    const account = await givenAccount(owner)
    const waiting = await spend(people['child']!, account, '5')
    const spent = await spend(owner, account, '5')
    const reversal = await reverse(owner, spent)
    const refusedOne = await spend(people['child']!, account, '5')
    await reject(owner, refusedOne)
    const before = await at.stateOf(id)
    for (const one of [waiting, refusedOne, reversal]) await refused(reverse(owner, one), 'not_reversible')
    await refused(reverse(owner, spent), 'already_reversed')
    expect(await at.stateOf(id)).toEqual(before)
  })

  test('approving a reversal and reversing again at once: one outcome, no deadlock', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner, { opening_balance: '5000' })
    for (let round = 0; round < 5; round++) {
      const spent = await spend(owner, account, '300')
      const waiting = await reverse(people['member']!, spent)
      expect(waiting.status).toBe('pending_approval')
      const results = await Promise.allSettled([
        approve(owner, waiting),
        ...Array.from({ length: 4 }, () => reverse(owner, spent)),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', ...Array(4).fill('rejected')])
      for (const result of results)
        if (result.status === 'rejected') await refused(Promise.reject(result.reason), 'already_reversed')
      expect(await at.actionsOf(spent.id)).toEqual(['transaction.posted', 'transaction.reversed'])
    }
  })

  test('a rejected reversal leaves the original as it was, to be reversed later', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner)
    const spent = await spend(owner, account, '300')
    await reject(owner, await reverse(people['member']!, spent))
    expect(await owner.ledger.call('getTransaction', { params: { id: spent.id! } })).toMatchObject({
      status: 'posted',
      reversed_by: null,
    })
    expect(await reverse(owner, spent)).toMatchObject({ status: 'posted' })
  })

  test('of a large income holds its sum and takes it back when approved', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner, { opening_balance: '0' })
    const earned = await spend(owner, account, '300', { type: 'income' })
    const waiting = await reverse(people['member']!, earned)
    expect(waiting.balances_after).toMatchObject([{ posted: '300.00', pending: '-300.00' }])
    await refused(spend(owner, account, '1'), 'insufficient_funds')
    expect(await approve(owner, waiting)).toMatchObject({
      status: 'posted',
      balances_after: [{ posted: '0.00', pending: '0.00' }],
    })
    expect((await at.eventsOf(earned.id)).at(-1)).toMatchObject({
      action: 'transaction.reversed',
      reason: 'wrong',
      new: { reversed_by: waiting.id },
    })
  })
})
