import { expect } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { linkedPhone, type Phone, type Received } from './phone.ts'
import type { BotHouse } from './support.ts'

/** An owner, an adult and a member, all linked, with an account that everybody sees. */
export async function givenThree(bot: BotHouse, quorum = 1) {
  const { owner, people } = await givenFamily(bot.house, ['adult', 'member'])
  const [adult, member] = [people['adult']!, people['member']!]
  const account = await givenAccount(owner, { name: 'Household', opening_balance: '9000.00' })
  if (quorum > 1) await owner.ledger.call('putApprovalPolicy', { body: { thresholds: [], quorum } })
  const phones = {
    owner: await linkedPhone(bot, owner),
    adult: await linkedPhone(bot, adult),
    member: await linkedPhone(bot, member),
  }
  const spend = (amount: string, description: string, person = member) =>
    person.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: account.id, amount, currency: 'EUR', description },
    })
  return { owner, adult, member, account, phones, spend }
}

export const statusOf = async (person: Person, id: string | null) =>
  (await person.ledger.call('getTransaction', { params: { id: id! } })).status

/** The card that asks about something. */
export const cardOf = (phone: Phone, what: string) => phone.see(new RegExp(`asks for approval[^]*${what}`))

/** Waits until a card says what became of it, without buttons. */
export const closed = async (phone: Phone, card: Received, pattern: RegExp) => {
  const now = await phone.seeChanged(card, pattern)
  expect(now.buttons).toEqual([])
}
