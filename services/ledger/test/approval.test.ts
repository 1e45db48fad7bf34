import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openPool } from '../../../libs/kit/src/database.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { startExpiry } from '../src/transactions/expire-transactions.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse({ APPROVAL_EXPIRY_CHECK_SECONDS: '0.5' })
}, 30_000)
afterAll(() => at.stop())

const approve = (person: Person, { id }: { id: string | null }, body: { comment?: string } = {}) =>
  person.ledger.call('approveTransaction', { params: { id: id! }, body })
const reject = (person: Person, { id }: { id: string | null }) =>
  person.ledger.call('rejectTransaction', { params: { id: id! }, body: { reason: 'no' } })
const cancel = (person: Person, { id }: { id: string | null }) =>
  person.ledger.call('cancelTransaction', { params: { id: id! }, body: {} })
const quorum = ({ owner }: Family, count: number) =>
  owner.ledger.call('putApprovalPolicy', { body: { thresholds: [], quorum: count } })
const namesOf = (transaction: { approval: { can_approve: { id: string }[] } | null }) =>
  transaction.approval!.can_approve.map(({ id }) => id).toSorted()

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

describe('resolving', () => {
  test('tells balances only to those who see the account', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(people['member']!, { visibility: 'private' })
    const one = await spend(people['member']!, account, '200')
    expect(one.balances_after).toHaveLength(1)
    expect(await approve(owner, one)).toMatchObject({ status: 'posted', balances_after: [] })
    const two = await spend(people['member']!, account, '200')
    expect(await reject(owner, two)).toMatchObject({ status: 'rejected', balances_after: [] })
  })

  test('a rejection keeps who had approved', async () => {
    const family = await at.familyKnown(['adult', 'adult', 'child'])
    await quorum(family, 2)
    const waiting = await spend(family.people['child']!, await givenAccount(family.owner), '5')
    await approve(family.owner, waiting)
    expect(await reject(family.people['adult']!, waiting)).toMatchObject({
      status: 'rejected',
      approval: { required: 2, given: 1, can_approve: [] },
    })
  })

  test.each(['approve', 'reject', 'cancel'] as const)(
    '%s after its time is over is refused, before the worker came too',
    async (how) => {
      const { owner, people } = await at.familyKnown(['child'])
      const account = await givenAccount(owner)
      const child = people['child']!
      const waiting = await spend(child, account, '5')
      await at.rows(`UPDATE ledger.transactions SET expires_at = now() - interval '1 ms' WHERE id = $1`, [
        waiting.id,
      ])
      const attempts = {
        approve: () => approve(owner, waiting),
        reject: () => reject(owner, waiting),
        cancel: () => cancel(child, waiting),
      }
      const problem = await refused(attempts[how](), 'already_resolved')
      expect(problem.detail).toContain('expired')
      await eventually(
        () => owner.ledger.call('getBalance', { params: { id: account.id } }),
        ({ pending }) => pending === '0.00',
      )
      expect(await at.actionsOf(waiting.id)).toEqual(['transaction.submitted', 'transaction.expired'])
    },
  )

  test('who is not concerned sees nothing to resolve', async () => {
    const { people, id } = await at.familyKnown(['member', 'member'])
    const account = await givenAccount(people['member']!, { visibility: 'private' })
    const waiting = await spend(people['member']!, account, '200')
    const before = await at.stateOf(id)
    await refused(cancel(people['member2']!, waiting), 'not_found')
    expect(await at.stateOf(id)).toEqual(before)
  })
})

describe('expiring', () => {
  test('by several replicas at once ends each exactly once', async () => {
    const family = await at.familyKnown(['child'])
    const account = await givenAccount(family.owner)
    for (let n = 0; n < 15; n++) await spend(family.people['child']!, account, '1')
    const pool = openPool(at.house.database.urlOf('ledger'), createLogger('ledger', 'fatal'))
    const replicas = Array.from({ length: 3 }, () =>
      startExpiry({
        pool,
        logger: createLogger('ledger', 'fatal'),
        wake: () => undefined,
        everySeconds: 0.01,
        now: () => new Date(),
      }),
    )
    try {
      await at.rows('UPDATE ledger.transactions SET expires_at = now() WHERE family_id = $1', [family.id])
      await eventually(
        () => family.owner.ledger.call('getBalance', { params: { id: account.id } }),
        ({ pending }) => pending === '0.00',
      )
    } finally {
      await Promise.all(replicas.map(({ stop }) => stop()))
      await pool.end()
    }
    const ends = await at.rows(
      `SELECT entity_id, count(*)::int AS n FROM ledger.outbox
       WHERE family_id = $1 AND subject = 'ledger.transaction.expired.v1' GROUP BY entity_id`,
      [family.id],
    )
    expect(ends.map(({ n }) => n as number)).toEqual(Array(15).fill(1))
    const [held] = await at.rows('SELECT held FROM ledger.accounts WHERE id = $1', [account.id])
    expect(held).toEqual({ held: '0' })
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
