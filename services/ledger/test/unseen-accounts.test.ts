import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { givenAccount, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => void (at = await startLedgerHouse()), 30_000)
afterAll(() => at.stop())

const reverse = (person: Person, id: string | null) =>
  person.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'wrong' } })
const close = (person: Person, { id }: { id: string }) =>
  person.ledger.call('closeAccount', { params: { id }, body: {} })

/** An adult's private account, into which money came from an account that the whole family sees. */
async function givenHidden() {
  const family = await at.familyKnown(['adult'])
  const adult = family.people['adult']!
  const open = await givenAccount(adult)
  const hidden = await givenAccount(adult, {
    name: 'Birthday',
    visibility: 'private',
    opening_balance: '77.77',
    overdraft_limit: '5000',
  })
  const moved = await spend(adult, open, '100', { type: 'transfer', to_account_id: hidden.id })
  return { family, adult, hidden, moved }
}

test('a refused reversal tells neither name nor sum of an account that the caller does not see', async () => {
  const { family, adult, hidden, moved } = await givenHidden()
  await adult.ledger.call('updateAccount', { params: { id: hidden.id }, body: { overdraft_limit: '0' } })
  await spend(adult, hidden, '170')
  const before = await at.stateOf(family.id)
  const short = await refused(reverse(family.owner, moved.id), 'insufficient_funds')
  expect(short.detail).not.toMatch(/Birthday|7\.77/)
  expect(await at.stateOf(family.id)).toEqual(before)
  expect((await refused(reverse(adult, moved.id), 'insufficient_funds')).detail).toMatch(
    /Birthday has 7\.77 EUR/,
  )

  await close(adult, hidden)
  expect((await refused(reverse(family.owner, moved.id), 'account_closed')).detail).not.toMatch(/Birthday/)
  expect((await refused(reverse(adult, moved.id), 'account_closed')).detail).toMatch(/Birthday/)
})

test('neither does a refused approval', async () => {
  const { family, adult, hidden } = await givenHidden()
  const waiting = await spend(adult, hidden, '1500')
  expect(waiting.status).toBe('pending_approval')
  await close(adult, hidden)
  const before = await at.stateOf(family.id)
  const approval = family.owner.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} })
  expect((await refused(approval, 'account_closed')).detail).not.toMatch(/Birthday/)
  expect(await at.stateOf(family.id)).toEqual(before)
})
