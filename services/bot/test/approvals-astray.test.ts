import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenFamily } from '../../../tests/support/given.ts'
import { plenty, unlimited } from '../../../tests/support/unlimited.ts'
import { linkedPhone, newPhone } from './phone.ts'
import { type BotHouse, startBotHouse } from './support.ts'
import { cardOf, closed, givenThree, statusOf } from './three.ts'

/** Three people are signed up and linked in each test, which takes its time on a busy machine. */
jest.setTimeout(180_000)

let bot: BotHouse
beforeAll(async () => {
  bot = await startBotHouse({ ...unlimited, RATE_LIMIT_SIGN_UP: plenty, ACCESS_TOKEN_SECONDS: '900' })
})
afterAll(() => bot.stop())

describe('nobody but the one who was asked', () => {
  test('decides: a stranger’s, a forged and a copied button change nothing', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('250.00', 'bike')
    const card = await cardOf(phones.owner, 'bike')
    const { data } = card.buttons.find(({ text }) => text.includes('Approve'))!
    const stranger = newPhone(bot)
    const outsider = await linkedPhone(bot, (await givenFamily(bot.house)).owner)
    const tapWith = (from: number, chat: number, what: string, message_id = card.id) =>
      bot.send('sendCallback', {
        data: what,
        from: { id: from, first_name: 'X' },
        message: { message_id, chat: { id: chat, type: chat < 0 ? 'group' : 'private' }, text: 'x' },
      })
    for (const who of [stranger, outsider, phones.member]) {
      await tapWith(who.id, phones.owner.id, data!) // on somebody else's message
      await tapWith(who.id, who.id, data!, (await who.received()).at(-1)?.id ?? 1) // on one of their own
      await tapWith(who.id, -5, data!) // in a group
    }
    await tapWith(phones.owner.id, phones.owner.id, data!.replace(/^apr:y/, 'apr:z'))
    await tapWith(phones.owner.id, phones.owner.id, `${data!}x`)
    for (const who of [outsider, phones.member]) {
      await who.write('/help')
      await who.see(/\/balance/)
    }
    await outsider.see(/closed/)
    await phones.member.see(/role in the family does not allow/)
    expect(await statusOf(owner, id)).toBe('pending_approval')
    await phones.owner.tap(card, 'Approve')
    await eventually(
      () => statusOf(owner, id),
      (status) => status === 'posted',
      60_000,
    )
  })
})

describe('when something is lost', () => {
  const forgetAll = async () => {
    const keys = await bot.redis.keys(`${bot.house.env['REDIS_PREFIX']}bot:*`)
    await bot.redis.del(keys)
  }

  test('a memory that was emptied between question and tap: the tap still decides', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('250.00', 'bike')
    const card = await cardOf(phones.owner, 'bike')
    await forgetAll()
    await phones.owner.tap(card, 'Approve')
    await closed(phones.owner, card, /Approved by Olga/)
    expect(await statusOf(owner, id)).toBe('posted')
    await phones.member.see(/Olga has approved it/) // nobody has written to the bot since
  })

  test('a memory that was emptied before: those who may approve are asked all the same', async () => {
    const { phones, spend } = await givenThree(bot)
    await forgetAll()
    await spend('250.00', 'bike')
    await cardOf(phones.owner, 'bike')
    await cardOf(phones.adult, 'bike')
  })

  test('what was submitted while the bot was away is asked when it is back', async () => {
    const { phones, spend } = await givenThree(bot)
    await bot.restartBot(() => spend('250.00', 'bike'))
    await cardOf(phones.owner, 'bike')
  })

  test('the gateway: the tap is told of, and works later', async () => {
    const { owner, phones, spend } = await givenThree(bot)
    const { id } = await spend('250.00', 'bike')
    const card = await cardOf(phones.owner, 'bike')
    bot.gateway.cut()
    await phones.owner.tap(card, 'Approve')
    await phones.owner.see(/cannot reach the purse/)
    bot.gateway.mend()
    await phones.owner.tap(card, 'Approve')
    await closed(phones.owner, card, /Approved by Olga/)
    expect(await statusOf(owner, id)).toBe('posted')
  })
})
