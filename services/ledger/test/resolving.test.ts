import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openPool } from '../../../libs/kit/src/database.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { startExpiry } from '../src/transactions/expire-transactions.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { approve, cancel, quorum, reject } from './support/resolve.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse({ APPROVAL_EXPIRY_CHECK_SECONDS: '0.5' })
}, 30_000)
afterAll(() => at.stop())

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
