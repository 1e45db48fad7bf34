import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { approve, cancel, namesOf, quorum } from './support/resolve.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse({ APPROVAL_EXPIRY_CHECK_SECONDS: '0.5' })
}, 30_000)
afterAll(() => at.stop())

describe('a quorum', () => {
  test('needs so many different people; each sees who is still awaited', async () => {
    const family = await at.familyKnown(['adult', 'adult', 'child'])
    const { owner, people } = family
    const { adult, adult2, child } = people
    await quorum(family, 2)
    const account = await givenAccount(owner)
    const waiting = await spend(child!, account, '5')
    expect(waiting.approval).toMatchObject({ required: 2, given: 0 })
    expect(namesOf(waiting)).toEqual([owner, adult!, adult2!].map(({ userId }) => userId).toSorted())
    const once = await approve(adult!, waiting, { comment: 'fine' })
    expect(once).toMatchObject({
      status: 'pending_approval',
      resolved_by: null,
      resolved_at: null,
      approval: { required: 2, given: 1 },
      balances_after: [{ posted: '1000.00', pending: '-5.00' }],
    })
    expect(namesOf(once)).toEqual([owner, adult2!].map(({ userId }) => userId).toSorted())
    const read = await child!.ledger.call('getTransaction', { params: { id: waiting.id! } })
    expect(read.approval).toEqual(once.approval)
    const twice = await approve(adult2!, waiting)
    expect(twice).toMatchObject({
      status: 'posted',
      resolved_by: adult2!.userId,
      approval: { given: 2, can_approve: [] },
      balances_after: [{ posted: '995.00', pending: '0.00' }],
    })
    const events = await at.eventsOf(waiting.id)
    expect(events.map(({ action, version, actor }) => [action, version, actor])).toEqual([
      ['transaction.submitted', 1, child!.userId],
      ['transaction.approved', 2, adult!.userId],
      ['transaction.approved', 3, adult2!.userId],
      ['transaction.posted', 4, adult2!.userId],
    ])
    expect(events[1]).toMatchObject({
      reason: 'fine',
      new: { status: 'pending_approval', approvals_given: 1, self_approved: false },
    })
    expect(events[3]).toMatchObject({ old: { status: 'pending_approval' }, new: { status: 'posted' } })
  })

  test('a second approval of the same person changes nothing', async () => {
    const family = await at.familyKnown(['adult', 'child'])
    await quorum(family, 2)
    const { owner, people } = family
    const waiting = await spend(people['child']!, await givenAccount(owner), '5')
    const first = await approve(owner, waiting)
    const before = await at.stateOf(family.id)
    const again = await owner.ledger.call('approveTransaction', {
      params: { id: waiting.id! },
      body: { comment: 'again' },
      idempotencyKey: 'approve-again',
    })
    expect(again).toEqual(first)
    const all = await Promise.all(Array.from({ length: 4 }, () => approve(owner, waiting)))
    for (const answer of all) expect(answer).toEqual(first)
    expect(await at.stateOf(family.id)).toEqual(before)
  })

  test('is no more than the others who may approve, and at least one', async () => {
    const family = await at.familyKnown(['adult', 'child'])
    await quorum(family, 10)
    const { owner, people } = family
    const account = await givenAccount(owner, { opening_balance: '9000' })
    expect((await spend(people['child']!, account, '5')).approval).toMatchObject({ required: 2 })
    const ofAdult = await spend(people['adult']!, account, '2000')
    expect(ofAdult.approval).toMatchObject({ required: 1 })
    expect(namesOf(ofAdult)).toEqual([owner.userId])
    await refused(approve(people['adult']!, ofAdult), 'self_approval')
    expect(await approve(owner, ofAdult)).toMatchObject({ status: 'posted' })
  })

  test('of two, asked by all at once, is reached exactly once', async () => {
    const family = await at.familyKnown(['adult', 'adult', 'child'])
    await quorum(family, 2)
    const { owner, people } = family
    const account = await givenAccount(owner)
    const waiting = await spend(people['child']!, account, '5')
    const answers = await Promise.allSettled(
      [owner, people['adult']!, people['adult2']!].map((person) => approve(person, waiting)),
    )
    const done = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.status] : []))
    expect(done.toSorted()).toEqual(['pending_approval', 'posted'])
    for (const answer of answers)
      if (answer.status === 'rejected') await refused(Promise.reject(answer.reason), 'already_resolved')
    expect(await owner.ledger.call('getBalance', { params: { id: account.id } })).toMatchObject({
      posted: '995.00',
      pending: '0.00',
    })
  })

  test('approvals given stay when somebody has left or lost the right', async () => {
    const family = await at.familyKnown(['adult', 'adult', 'child'])
    await quorum(family, 2)
    const { owner, people, id } = family
    const waiting = await spend(people['child']!, await givenAccount(owner), '5')
    await approve(people['adult']!, waiting)
    await at.rows(
      `UPDATE ledger.members SET role = 'child', version = version + 1 WHERE family_id = $1 AND user_id = $2`,
      [id, people['adult']!.userId],
    )
    expect(await approve(people['adult2']!, waiting)).toMatchObject({ status: 'posted' })
  })
})

describe('one’s own', () => {
  test('the only owner approves, and the trail says so', async () => {
    const family = await at.familyKnown(['adult'])
    const { owner } = family
    await owner.ledger.call('putApprovalPolicy', {
      body: { thresholds: [{ role: 'owner', amount: '5' }], quorum: 2 },
    })
    const waiting = await spend(owner, await givenAccount(owner), '6')
    expect(waiting.approval).toMatchObject({ required: 1 })
    expect(namesOf(waiting)).toContain(owner.userId)
    expect(await approve(owner, waiting)).toMatchObject({ status: 'posted' })
    expect((await at.eventsOf(waiting.id))[1]).toMatchObject({ new: { self_approved: true } })
  })

  test('with a higher quorum the only owner counts as one', async () => {
    const family = await at.familyKnown(['adult', 'adult'])
    const { owner, people } = family
    await owner.ledger.call('putApprovalPolicy', {
      body: { thresholds: [{ role: 'owner', amount: '5' }], quorum: 2 },
    })
    const waiting = await spend(owner, await givenAccount(owner), '6')
    expect(await approve(owner, waiting)).toMatchObject({
      status: 'pending_approval',
      approval: { given: 1 },
    })
    expect(await approve(owner, waiting)).toMatchObject({
      status: 'pending_approval',
      approval: { given: 1 },
    })
    expect(await approve(people['adult']!, waiting)).toMatchObject({ status: 'posted' })
  })

  test('one of two owners does not', async () => {
    const family = await at.familyKnown(['owner'])
    const { owner } = family
    await owner.ledger.call('putApprovalPolicy', { body: { thresholds: [{ role: 'owner', amount: '5' }] } })
    const waiting = await spend(owner, await givenAccount(owner), '6')
    const before = await at.stateOf(family.id)
    await refused(approve(owner, waiting), 'self_approval')
    expect(await at.stateOf(family.id)).toEqual(before)
    expect(namesOf(waiting)).toEqual([family.people['owner2']!.userId])
  })

  test('is cancelled by its author alone, also when the account is out of their sight', async () => {
    const { owner, people, id } = await at.familyKnown(['member', 'child'])
    const { member, child } = people
    const account = await givenAccount(member!, { visibility: 'shared', shared_with: [child!.userId] })
    const waiting = await spend(child!, account, '5')
    const before = await at.stateOf(id)
    await refused(cancel(owner, waiting), 'permission_denied')
    await refused(cancel(people['member']!, waiting), 'permission_denied')
    expect(await at.stateOf(id)).toEqual(before)
    await member!.ledger.call('updateAccount', {
      params: { id: account.id },
      body: { visibility: 'private' },
    })
    expect(await cancel(child!, waiting)).toMatchObject({ status: 'cancelled', balances_after: [] })
  })
})
