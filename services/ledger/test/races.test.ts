import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ApiClient } from '../../../libs/client/src/index.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { balanceOf } from './support/ledger-house.ts'
import { expectSoundFamily } from './support/sound-books.ts'
import { startTwoReplicas, tally, type TwoReplicas } from './support/two-replicas.ts'

/* Two replicas of the ledger on one database: whatever races, one wins, nobody sees a deadlock, the books add up. */

let at: TwoReplicas
beforeAll(async () => {
  at = await startTwoReplicas({ APPROVAL_EXPIRY_SECONDS: '2' })
}, 30_000)
afterAll(() => at.stop())

interface Spending {
  account: string
  amount: string
  key?: string
  more?: object
}

const spend = (by: ApiClient, { account, amount, key = randomUUID(), more = {} }: Spending) =>
  by.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
    idempotencyKey: key,
  })

const actionsOf = async (id: string | null) => {
  const rows = await at.rows<{ subject: string }>(
    'SELECT subject FROM ledger.outbox WHERE entity_id = $1 ORDER BY version',
    [id],
  )
  return rows.map(({ subject }) => subject.replace(/^ledger\.transaction\.|\.v1$/g, ''))
}

describe('two replicas', () => {
  test('fifty spendings of 100 from 1,000: exactly ten succeed', async () => {
    const { id, owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    expect(
      tally(await at.atOnce(owner, 50, (by) => spend(by, { account: account.id, amount: '100' }))),
    ).toEqual({
      posted: 10,
      insufficient_funds: 40,
    })
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '0.00' })
    await expectSoundFamily(at, id)
  })

  test('the same key twenty times: one transaction, the others are its repeats or told to wait', async () => {
    const { id, owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const key = randomUUID()
    const results = await at.atOnce(owner, 20, (by) => spend(by, { account: account.id, amount: '7', key }))
    const { posted, request_in_progress = 0, ...others } = tally(results)
    expect(others).toEqual({})
    expect(posted! + request_in_progress).toBe(20)
    expect(new Set(results.flatMap((r) => (r.status === 'fulfilled' ? [r.value.id] : []))).size).toBe(1)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
    await expectSoundFamily(at, id)
  })

  test('opposite transfers, spendings and reversals: nobody sees a deadlock', async () => {
    const { id, owner } = await givenFamily(at.house)
    const [a, b] = [await givenAccount(owner), await givenAccount(owner)]
    const first = await Promise.all(
      Array.from({ length: 20 }, () => spend(owner.ledger, { account: a.id, amount: '1' })),
    )
    const transfer = (from: string, to: string) => ({ type: 'transfer', account_id: from, to_account_id: to })
    const results = await at.atOnce(owner, 160, (by, n) => {
      if (n % 8 === 0)
        return by.call('reverseTransaction', { params: { id: first[n / 8]!.id! }, body: { reason: 'race' } })
      if (n % 8 === 1) return spend(by, { account: n % 16 === 1 ? a.id : b.id, amount: '0.01' })
      return spend(by, {
        account: a.id,
        amount: '1',
        more: n % 4 < 2 ? transfer(a.id, b.id) : transfer(b.id, a.id),
      })
    })
    expect(tally(results)).toEqual({ posted: 160 })
    await expectSoundFamily(at, id)
  })

  test('a threshold lets no more than its sum through', async () => {
    const { id, owner, people } = await at.familyKnown(['member'])
    const account = await givenAccount(owner)
    const results = await at.atOnce(people['member']!, 12, (by) =>
      spend(by, { account: account.id, amount: '20' }),
    )
    expect(tally(results)).toEqual({ posted: 5, pending_approval: 7 })
    await expectSoundFamily(at, id)
  })
})

type Way = 'approve' | 'reject' | 'cancel'

const resolve = (by: ApiClient, id: string, how: Way) => {
  const params = { id }
  if (how === 'approve') return by.call('approveTransaction', { params, body: {} })
  if (how === 'reject') return by.call('rejectTransaction', { params, body: { reason: 'race' } })
  return by.call('cancelTransaction', { params, body: {} })
}

const ends: Record<Way, string[]> = {
  approve: ['approved', 'posted'],
  reject: ['rejected'],
  cancel: ['cancelled'],
}

describe('what waits is resolved once', () => {
  test.each<[Way, Way]>([
    ['approve', 'approve'],
    ['approve', 'reject'],
    ['approve', 'cancel'],
    ['reject', 'cancel'],
  ])('%s against %s', async (one, other) => {
    const { id: family, owner, people } = await at.familyKnown(['adult', 'child'])
    const account = await givenAccount(owner)
    const child = people['child']!
    const { id } = await spend(child.ledger, { account: account.id, amount: '50' })
    const by = (how: Way, person: Person) => (how === 'cancel' ? child : person)
    const results = await Promise.allSettled(
      [one, other, one, other].map((how, n) => {
        const person = by(how, n % 2 === 0 ? owner : people['adult']!)
        return resolve(at.replicasOf(person)[n % 2]!, id!, how)
      }),
    )
    const { already_resolved, ...won } = tally(results)
    expect(already_resolved).toBe(3)
    expect(Object.values(won)).toEqual([1])
    const actions = await actionsOf(id)
    expect([ends[one], ends[other]]).toContainEqual(actions.slice(1))
    const posted = actions.includes('posted') ? '950.00' : '1000.00'
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted, pending: '0.00' })
    await expectSoundFamily(at, family)
  })

  test('approve against its expiry', async () => {
    const { id: family, owner, people } = await at.familyKnown(['child'])
    const account = await givenAccount(owner)
    const waiting = await Promise.all(
      Array.from({ length: 10 }, () => spend(people['child']!.ledger, { account: account.id, amount: '5' })),
    )
    const due = new Date(waiting[0]!.approval!.expires_at).getTime()
    await eventually(
      async () => Date.now(),
      (time) => time >= due - 30,
    )
    const results = await Promise.allSettled(
      waiting.map(({ id }, n) => resolve(at.replicasOf(owner)[n % 2]!, id!, 'approve')),
    )
    const { posted = 0, already_resolved = 0 } = tally(results)
    expect(posted + already_resolved).toBe(10)
    const statuses = () =>
      at
        .rows<{ status: string }>('SELECT status FROM ledger.transactions WHERE id = ANY($1)', [
          waiting.map(({ id }) => id),
        ])
        .then((rows) => rows.map(({ status }) => status))
    await eventually(statuses, (all) => !all.includes('pending_approval'), 15_000)
    expect((await statuses()).filter((status) => status === 'posted')).toHaveLength(posted)
    expect(await balanceOf(owner, account.id)).toMatchObject({
      posted: `${1000 - 5 * posted}.00`,
      pending: '0.00',
    })
    await expectSoundFamily(at, family)
  }, 30_000)

  test('reverse against reverse', async () => {
    const { id: family, owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const { id } = await spend(owner.ledger, { account: account.id, amount: '10' })
    const results = await at.atOnce(owner, 10, (by) =>
      by.call('reverseTransaction', {
        params: { id: id! },
        body: { reason: 'race' },
        idempotencyKey: randomUUID(),
      }),
    )
    expect(tally(results)).toEqual({ posted: 1, already_reversed: 9 })
    expect(await actionsOf(id)).toEqual(['posted', 'reversed'])
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00' })
    await expectSoundFamily(at, family)
  })
})

describe('a change of the rules while money moves', () => {
  test('after an account is closed nothing moves on it', async () => {
    const { id, owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const [closed, results] = await Promise.all([
      owner.ledger.call('closeAccount', { params: { id: account.id }, body: {} }),
      at.atOnce(owner, 30, (by) => spend(by, { account: account.id, amount: '1' })),
    ])
    const { posted = 0, account_closed = 0, ...others } = tally(results)
    expect(others).toEqual({})
    expect(posted + account_closed).toBe(30)
    // The answer of closing shows the balance that it was closed with: whatever moved, moved before.
    expect(closed.balance.posted).toBe(`${1000 - posted}.00`)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: `${1000 - posted}.00` })
    expect(tally(await at.atOnce(owner, 2, (by) => spend(by, { account: account.id, amount: '1' })))).toEqual(
      {
        account_closed: 2,
      },
    )
    await expectSoundFamily(at, id)
  })

  test('after a policy is changed it holds at both replicas', async () => {
    const { id, owner } = await at.familyKnown(['adult'])
    const account = await givenAccount(owner)
    await at.atOnce(owner, 4, (by) => spend(by, { account: account.id, amount: '1' })) // both know the family's policy by now
    const [, results] = await Promise.all([
      owner.ledger.call('putApprovalPolicy', {
        body: {
          thresholds: [{ role: 'owner', account_id: null, currency: null, amount: '5' }],
          window_seconds: 0,
        },
      }),
      at.atOnce(owner, 20, (by) => spend(by, { account: account.id, amount: '6' })),
    ])
    const { posted = 0, pending_approval = 0 } = tally(results)
    expect(posted + pending_approval).toBe(20)
    expect(tally(await at.atOnce(owner, 6, (by) => spend(by, { account: account.id, amount: '6' })))).toEqual(
      {
        pending_approval: 6,
      },
    )
    await expectSoundFamily(at, id)
  })
})
