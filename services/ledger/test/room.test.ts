import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { ROOM_MAX } from '../src/require-room.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => void (at = await startLedgerHouse()), 30_000)
afterAll(() => at.stop())

test('a family opens accounts up to the limit, and another family is not concerned', async () => {
  const [{ owner, id }, other] = [await givenFamily(at.house), await givenFamily(at.house)]
  await at.rows(
    `INSERT INTO ledger.accounts (family_id, id, name, kind, currency, owner_id)
     SELECT $1, gen_random_uuid(), 'Jar', 'cash', 'EUR', $2 FROM generate_series(2, $3::int)`,
    [id, owner.userId, ROOM_MAX],
  )
  await givenAccount(owner)
  const before = await at.stateOf(id)
  expect((await refused(givenAccount(owner), 'limit_reached')).detail).toContain(String(ROOM_MAX))
  expect(await at.stateOf(id)).toEqual(before)
  await givenAccount(other.owner)
})

test('and makes categories up to the limit', async () => {
  const { owner, id } = await givenFamily(at.house)
  await at.rows(
    `INSERT INTO ledger.categories (family_id, id, name, created_by, created_at)
     SELECT $1, gen_random_uuid(), 'Thing', $2, now() FROM generate_series(2, $3::int)`,
    [id, owner.userId, ROOM_MAX],
  )
  const create = () => owner.ledger.call('createCategory', { body: { name: 'Food' } })
  await create()
  const before = await at.stateOf(id)
  expect((await refused(create(), 'limit_reached')).detail).toContain(String(ROOM_MAX))
  expect(await at.stateOf(id)).toEqual(before)
})

test('what somebody spent in the window may be more than a BIGINT holds', async () => {
  const { owner, people, id } = await at.familyKnown(['member'])
  const account = await givenAccount(owner)
  await at.rows(
    `INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, created_by, occurred_at,
       created_at)
     SELECT $1, gen_random_uuid(), 'expense', 'posted', $2, 9000000000000000000, 'EUR', $3, now(), now()
     FROM generate_series(1, 2)`,
    [id, account.id, people['member']!.userId],
  )
  expect((await spend(people['member']!, account, '1')).approval).toMatchObject({ why: 'rolling_sum' })
})
