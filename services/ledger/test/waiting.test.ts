import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { balanceOf, type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { stopWithSoundBooks } from './support/sound-books.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => stopWithSoundBooks(at))

describe('approval', () => {
  test('a large spending waits, holds its sum and posts when somebody else approves', async () => {
    const { owner, people } = await at.familyKnown(['member', 'adult'])
    const account = await givenAccount(owner)
    const waiting = await spend(people['member']!, account, '250.00', { description: 'bike' })
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
    expect(await at.actionsOf(waiting.id)).toEqual([
      'transaction.submitted',
      'transaction.approved',
      'transaction.posted',
    ])
  })

  test('an author with the right to approve still needs somebody else', async () => {
    const { owner, people } = await at.familyKnown(['adult'])
    const account = await givenAccount(owner, { opening_balance: '5000' })
    const waiting = await spend(people['adult']!, account, '1000.01')
    await refused(
      people['adult']!.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} }),
      'self_approval',
    )
    expect(await at.actionsOf(waiting.id)).toEqual(['transaction.submitted'])
  })

  test('splitting does not help: the sum of a day counts', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner)
    expect(await spend(people['member']!, account, '60')).toMatchObject({ status: 'posted' })
    expect(await spend(people['member']!, account, '41')).toMatchObject({
      status: 'pending_approval',
      approval: { why: 'rolling_sum' },
    })
    expect(await spend(people['member']!, account, '40')).toMatchObject({ status: 'posted' })
  })

  test('of many spendings at once no more than the threshold passes', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner)
    const all = await Promise.all(Array.from({ length: 12 }, () => spend(people['member']!, account, '20')))
    expect(all.filter(({ status }) => status === 'posted')).toHaveLength(5)
  })

  test.each(['reject', 'cancel'] as const)('%s releases the hold', async (how) => {
    const { owner, people } = await at.familyKnown(['child'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account, '5.00')
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
    const events = await at.eventsOf(id)
    expect(events.map(({ action }) => action)).toEqual([
      'transaction.submitted',
      `transaction.${resolved.status}`,
    ])
    if (how === 'reject') expect(events[1]!.reason).toBe('not now')
  })

  test('whoever races, one resolution wins', async () => {
    const { owner, people } = await at.familyKnown(['child', 'adult'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account, '5.00')
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
    const { owner, people } = await at.familyKnown(['child'])
    const account = await givenAccount(owner)
    const { id } = await spend(people['child']!, account, '5.00')
    await at.rows(`UPDATE ledger.transactions SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      id,
    ])
    await refused(
      owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} }),
      'already_resolved',
    )
    const read = () => owner.ledger.call('getTransaction', { params: { id: id! } })
    await eventually(read, ({ status }) => status === 'expired')
    expect(await balanceOf(owner, account.id)).toMatchObject({ available: '1000.00' })
    expect(await at.actionsOf(id)).toEqual(['transaction.submitted', 'transaction.expired'])
  })
})
