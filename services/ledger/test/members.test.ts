import { afterAll, beforeAll, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'

let house: House
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
})
afterAll(() => house.stop())

test('who may approve is shown by the name and the role of now', async () => {
  const { id, owner, people } = await givenFamily(house, ['adult', 'member'])
  const [ada, ben] = [people['adult']!, people['member']!]
  const wallet = await givenAccount(owner)
  const bike = await ben.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: wallet.id, amount: '250.00', currency: 'EUR' },
  })
  const params = { id: bike.id! }
  const approvers = async () => {
    const { approval } = await ben.ledger.call('getTransaction', { params })
    return approval!.can_approve.map((person) => person.display_name).toSorted()
  }
  await eventually(approvers, (names) => names.join() === 'Olga,adult')

  await ada.auth.call('updateMe', { body: { display_name: 'Ada' } })
  await eventually(approvers, (names) => names.join() === 'Ada,Olga')

  await owner.auth.call('updateMember', {
    params: { id, user_id: ada.userId },
    body: { role: 'read_only' },
  })
  await eventually(approvers, (names) => names.join() === 'Olga')

  await owner.auth.call('removeMember', { params: { id, user_id: ada.userId } })
  const isStranger = () =>
    refused(givenAccount(owner, { visibility: 'shared', shared_with: [ada.userId] }), 'invalid_request').then(
      ({ errors }) => errors[0]?.field === 'shared_with',
      () => false,
    )
  await eventually(isStranger, (stranger) => stranger)
})
