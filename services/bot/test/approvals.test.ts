import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { plenty, unlimited } from '../../../tests/support/unlimited.ts'
import { linkedPhone, type Phone } from './phone.ts'
import { type BotHouse, startBotHouse } from './support.ts'
import { cardOf, closed, givenThree, statusOf } from './three.ts'

/** Three people are signed up and linked in each test, which takes its time on a busy machine. */
jest.setTimeout(180_000)

let bot: BotHouse
beforeAll(async () => {
  bot = await startBotHouse({ ...unlimited, RATE_LIMIT_SIGN_UP: plenty, ACCESS_TOKEN_SECONDS: '900' })
})
afterAll(() => bot.stop())

const asks = /asks for approval/
const outcomesOf = async (phone: Phone, pattern: RegExp) =>
  (await phone.received()).filter(({ text }) => pattern.test(text))

describe('what waits', () => {
  test('is put before everybody who may approve, and not before its author', async () => {
    const { phones, spend } = await givenThree(bot)
    await spend('250.00', 'bike')
    const card = await cardOf(phones.owner, 'bike')
    expect(card.text).toMatch(/member asks for approval\n250\.00 EUR · bike\nFrom: Household\n/)
    expect(card.text).toMatch(/more than 100\.00 EUR.*\nWaits until \d+ \w+ 2\d{3}, \d\d:\d\d UTC$/)
    expect(card.buttons.map(({ text }) => text)).toEqual(['✅ Approve', '✖ Reject'])
    for (const { data } of card.buttons) expect(Buffer.byteLength(data!)).toBeLessThanOrEqual(64)
    await cardOf(phones.adult, 'bike')
    expect(await outcomesOf(phones.member, asks)).toEqual([])
  })

  test('is approved by a button: the money moves once, all cards close, and the author is told', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('250.00', 'bike')
    const [first, second] = [await cardOf(phones.owner, 'bike'), await cardOf(phones.adult, 'bike')]
    await Promise.all([phones.owner.tap(first, 'Approve'), phones.owner.tap(first, 'Approve')])
    await closed(phones.owner, first, /Approved by Olga/)
    await closed(phones.adult, second, /Approved by Olga/)
    await phones.member.see(/Olga has approved it:\n250\.00 EUR · bike\nFrom: Household/)
    expect(await statusOf(owner, id)).toBe('posted')
    await phones.owner.tap(first, 'Approve') // delivered again, or tapped on an old copy
    await closed(phones.owner, first, /Approved by Olga/)
    const events = await eventually(
      () => owner.audit.call('listAuditEvents', { query: { entity_id: id! } }),
      ({ items }) => items.length === 3,
      60_000,
    )
    expect(events.items.map(({ action }) => action).toSorted()).toEqual([
      'transaction.approved',
      'transaction.posted',
      'transaction.submitted',
    ])
    expect(await outcomesOf(phones.member, /has approved it/)).toHaveLength(1)
  })

  test('is rejected for a reason on a button', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('300.00', 'drone')
    const card = await cardOf(phones.owner, 'drone')
    const other = await cardOf(phones.adult, 'drone')
    await phones.owner.tap(card, 'Reject')
    const asked = await phones.owner.seeChanged(card, /Why not\?/)
    await phones.owner.tap(asked, 'Back')
    await phones.owner.seeChanged(card, /Waits until [^?]*$/)
    await phones.owner.tap(card, 'Reject')
    await phones.owner.tap(await phones.owner.seeChanged(card, /Why not\?/), 'Too expensive')
    await closed(phones.owner, card, /Rejected by Olga: Too expensive/)
    await closed(phones.adult, other, /Rejected by Olga: Too expensive/)
    await phones.member.see(/Olga has rejected it: Too expensive\n300\.00 EUR · drone/)
    const { status, reason } = await owner.ledger.call('getTransaction', { params: { id: id! } })
    expect({ status, reason }).toEqual({ status: 'rejected', reason: 'Too expensive' })
  })

  test('is rejected for a reason in one’s own words', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('300.00', 'drone')
    const card = await cardOf(phones.owner, 'drone')
    await phones.owner.tap(card, 'Reject')
    await phones.owner.tap(await phones.owner.seeChanged(card, /Why not\?/), 'Write it')
    await phones.owner.see(/Why do you reject 300\.00 EUR · drone/)
    await phones.owner.write('x'.repeat(201))
    await phones.owner.see(/200 characters or fewer/)
    await phones.owner.write('12.50 is\nall that is left')
    await closed(phones.owner, card, /Rejected by Olga: 12\.50 is all that is left/)
    expect(await owner.ledger.call('getTransaction', { params: { id: id! } })).toMatchObject({
      status: 'rejected',
      reason: '12.50 is all that is left',
    })
    await phones.owner.write('/help')
    await phones.owner.see(/\/balance/)
    expect(await outcomesOf(phones.owner, /Spend /)).toEqual([]) // the reason was no spending
  })

  test('closes when somebody acts on the web, and when its author takes it back', async () => {
    const { owner, member, phones, spend } = await givenThree(bot)
    const one = await spend('250.00', 'bike')
    const first = await cardOf(phones.adult, 'bike')
    await owner.ledger.call('approveTransaction', { params: { id: one.id! }, body: {} })
    await closed(phones.adult, first, /Approved by Olga/)
    const two = await spend('260.00', 'boat')
    const second = await cardOf(phones.adult, 'boat')
    await member.ledger.call('cancelTransaction', { params: { id: two.id! }, body: { comment: 'sold' } })
    await closed(phones.adult, second, /Taken back by member: sold/)
    // A tap on what a slow phone still shows says how it ended and changes nothing.
    await phones.adult.tap(second, 'Approve')
    await phones.adult.see(/asks for approval[^]*boat[^]*Taken back by member/)
    expect(await statusOf(owner, two.id)).toBe('cancelled')
  })

  test('waits for as many as the family wants', async () => {
    const { owner, phones, spend } = await givenThree(bot, 2)
    const { id } = await spend('400.00', 'sofa')
    const first = await cardOf(phones.owner, 'sofa')
    const second = await cardOf(phones.adult, 'sofa')
    expect(first.text).toContain('Approvals: 0 of 2')
    await phones.owner.tap(first, 'Approve')
    await closed(phones.owner, first, /You have approved\. It waits for one more/)
    const still = await phones.adult.seeChanged(second, /Approvals: 1 of 2/)
    expect(still.buttons).toHaveLength(2)
    expect(await statusOf(owner, id)).toBe('pending_approval')
    await phones.adult.tap(still, 'Approve')
    await closed(phones.adult, second, /Approved by adult/)
    await closed(phones.owner, first, /Approved by adult/)
    await phones.member.see(/adult has approved it/)
  })

  test('is approved by one of two at the same moment, and both see by whom', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('250.00', 'bike')
    const [first, second] = [await cardOf(phones.owner, 'bike'), await cardOf(phones.adult, 'bike')]
    await Promise.all([phones.owner.tap(first, 'Approve'), phones.adult.tap(second, 'Approve')])
    const one = await phones.owner.seeChanged(first, /Approved by/)
    const [, by] = /Approved by (\w+)/.exec(one.text)!
    await closed(phones.adult, second, new RegExp(`Approved by ${by}`))
    expect(await statusOf(owner, id)).toBe('posted')
  })

  test('is asked in the reader’s language', async () => {
    const { owner, people } = await givenFamily(bot.house, ['member'])
    const account = await givenAccount(owner, { name: 'Касса' })
    const phone = await linkedPhone(bot, owner, 'ru')
    await people['member']!.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: account.id, amount: '250.00', currency: 'EUR' },
    })
    const card = await phone.see(/просит одобрения/)
    expect(card.text).toMatch(/250,00 EUR\nСо счёта: Касса/)
    await phone.tap(card, 'Одобрить')
    await closed(phone, card, /Одобрено: Olga/)
  })
})

describe('families', () => {
  test('one is asked for a family that one is not at home in right now', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const other = await givenFamily(bot.house)
    const { token } = await other.owner.auth.call('createInvitation', {
      params: { id: other.id },
      body: { role: 'adult' },
    })
    await owner.auth.call('acceptInvitation', { body: { token } })
    const account = await givenAccount(other.owner, { name: 'Theirs', opening_balance: '9000.00' })
    const { token: second } = await other.owner.auth.call('createInvitation', {
      params: { id: other.id },
      body: { role: 'member' },
    })
    const guest = (await givenFamily(bot.house)).owner
    await guest.auth.call('acceptInvitation', { body: { token: second } })
    const moved = await guest.auth.call('refreshToken', {
      body: { refresh_token: guest.session.refresh_token, family_id: other.id },
    })
    const { id } = await guest.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: account.id,
        amount: '500.00',
        currency: 'EUR',
        description: 'tent',
      },
      credentials: { accessToken: moved.access_token, signingKey: moved.signing_key },
    })
    const card = await cardOf(phones.owner, 'tent')
    await phones.owner.tap(card, 'Approve')
    await closed(phones.owner, card, /Approved by Olga/)
    expect(await statusOf(other.owner, id)).toBe('posted')
    await spend('250.00', 'bike') // and at home as before
    await cardOf(phones.owner, 'bike')
  })

  test('who has left is not asked', async () => {
    const { owner, adult, phones, spend } = await givenThree(bot)
    await owner.auth.call('removeMember', {
      params: { id: owner.session.family.id, user_id: adult.userId },
    })
    await spend('250.00', 'bike')
    await cardOf(phones.owner, 'bike')
    expect(await outcomesOf(phones.adult, asks)).toEqual([])
  })
})
