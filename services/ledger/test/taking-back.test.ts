import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount } from '../../../tests/support/given.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
})
afterAll(() => at.stop())

describe('taking incomes back', () => {
  test('counts as spending does, so that many small ones do not empty an account', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const member = people['member']!
    const account = await givenAccount(owner)
    const earn = () =>
      owner.ledger.call('submitTransaction', {
        body: { type: 'income', account_id: account.id, amount: '60.00', currency: 'EUR' },
      })
    const takeBack = ({ id }: { id: string | null }) =>
      member.ledger.call('reverseTransaction', { params: { id: id! }, body: { reason: 'a mistake' } })
    const [first, second] = [await earn(), await earn()]
    expect(await takeBack(first)).toMatchObject({ status: 'posted' })
    expect(await takeBack(second)).toMatchObject({
      status: 'pending_approval',
      approval: { why: 'rolling_sum', threshold: '100.00' },
    })
    // And together with what is spent.
    expect(await spend(member, account, '41')).toMatchObject({ status: 'pending_approval' })
  })

  test('bringing a spending back waits by its own sum', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const member = people['member']!
    const account = await givenAccount(owner)
    const spending = await spend(member, account, '90')
    const back = await member.ledger.call('reverseTransaction', {
      params: { id: spending.id! },
      body: { reason: 'a mistake' },
    })
    expect(back).toMatchObject({ status: 'posted' })
    // What was taken back is not spent any more.
    expect(await spend(member, account, '90')).toMatchObject({ status: 'posted' })
  })
})
