import { randomUUID } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { openBus } from '@common-purse/kit/bus'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { startServiceProcess } from '../../../tests/support/service-process.ts'
import { plenty, unlimited } from '../../../tests/support/unlimited.ts'
import { loadConfig } from '../src/config.ts'
import { startBot } from '../src/start.ts'
import type { Phone } from './phone.ts'
import { type BotHouse, startBotHouse } from './support.ts'
import { givenThree } from './three.ts'

/** Three people are signed up and linked in each test, which takes its time on a busy machine. */
jest.setTimeout(180_000)

let bot: BotHouse
beforeAll(async () => {
  bot = await startBotHouse({ ...unlimited, RATE_LIMIT_SIGN_UP: plenty, ACCESS_TOKEN_SECONDS: '900' })
})
afterAll(() => bot.stop())

const environment = () => ({
  ...bot.house.env,
  API_URL: bot.gateway.url,
  REDIS_URL: bot.memory.url,
  TELEGRAM_BOT_TOKEN: bot.botToken,
  TELEGRAM_API_ROOT: bot.emulator.apiRoot,
})

const countOf = async (phone: Phone, pattern: RegExp) =>
  (await phone.received()).filter(({ text }) => pattern.test(text)).length

describe('Telegram', () => {
  const asked = async (phones: Phone[], pattern: RegExp) =>
    await Promise.all(phones.map((phone) => countOf(phone, pattern)))

  test('somebody who has blocked the bot is passed over, and the others are asked', async () => {
    const { phones, spend } = await givenThree(bot)
    const approvers = [phones.owner, phones.adult]
    bot.emulator.failNext('sendMessage', [
      { code: 403, description: 'Forbidden: bot was blocked by the user' },
    ])
    await spend('250.00', 'bike')
    await eventually(
      () => asked(approvers, /bike/),
      (counts) => counts.includes(1),
      60_000,
    )
    await spend('260.00', 'boat') // told after everything that had to be told of the bike
    await phones.owner.see(/boat/)
    await phones.adult.see(/boat/)
    expect((await asked(approvers, /bike/)).toSorted()).toEqual([0, 1])
  })

  test('that is away or asks for patience delays a notice, and does not double it', async () => {
    const { phones, spend } = await givenThree(bot)
    const away = { code: 502, description: 'Bad Gateway' }
    const slower = { code: 429, description: 'Too Many Requests: retry after 1', retryAfter: 1 }
    bot.emulator.failNext('sendMessage', [slower, away, away, away, away, away, away])
    await spend('250.00', 'bike')
    await phones.owner.see(/bike/)
    await phones.adult.see(/bike/)
    await spend('260.00', 'boat')
    await phones.owner.see(/boat/)
    await phones.adult.see(/boat/)
    expect(await asked([phones.owner, phones.adult], /bike/)).toEqual([1, 1])
  })
})

test('two replicas tell each person once', async () => {
  const { phones, spend } = await givenThree(bot)
  const other = await startBot(loadConfig(environment()), createLogger('bot', 'silent'))
  try {
    const things = ['bike', 'boat', 'tent', 'sofa', 'lamp']
    for (const thing of things) await spend('250.00', thing)
    for (const thing of things)
      for (const phone of [phones.owner, phones.adult]) await phone.see(new RegExp(thing))
    for (const thing of things) {
      const card = await phones.owner.see(new RegExp(thing))
      await phones.owner.tap(card, 'Approve')
      await phones.adult.see(new RegExp(`${thing}[^]*Approved by Olga`))
      await phones.member.see(new RegExp(`has approved it:[^]*${thing}`))
    }
    for (const thing of things)
      for (const phone of Object.values(phones)) expect(await countOf(phone, new RegExp(thing))).toBe(1)
  } finally {
    await other.stop()
  }
})

test('a bot that was killed tells afterwards what it did not tell, and does what was tapped meanwhile', async () => {
  const { owner, phones, spend } = await givenThree(bot)
  await bot.restartBot(async () => {
    const killed = await startServiceProcess('bot', environment())
    try {
      await spend('250.00', 'bike')
      const card = await phones.owner.see(/bike/)
      killed.freeze()
      await phones.owner.tap(card, 'Approve')
      const { id } = await spend('260.00', 'boat')
      await killed.kill()
      await killed.start()
      await phones.owner.seeChanged(card, /Approved by Olga/)
      await phones.member.see(/has approved it:[^]*bike/)
      const second = await phones.owner.see(/boat/)
      await phones.owner.tap(second, 'Approve')
      await phones.adult.see(/boat[^]*Approved by Olga/)
      expect((await owner.ledger.call('getTransaction', { params: { id: id! } })).status).toBe('posted')
      await phones.member.see(/has approved it:[^]*boat/)
      for (const phone of Object.values(phones)) expect(await countOf(phone, /boat/)).toBe(1)
      for (const phone of [phones.owner, phones.member]) expect(await countOf(phone, /bike/)).toBe(1)
      // Approved before it was killed in the middle of asking, or after: there was nothing to ask any more.
      expect(await countOf(phones.adult, /bike/)).toBeLessThanOrEqual(1)
    } finally {
      await killed.stop()
    }
  })
})

test('what happened long ago is not told, but what still waits is', async () => {
  const { owner, adult, account, phones, spend } = await givenThree(bot)
  const link = openBus(loadConfig(environment()), 'test', createLogger('test', 'silent'))
  const { js, subject } = await link.ready
  const long = new Date(Date.now() - 2 * 3_600_000).toISOString()
  const tell = (action: string, id: string, values: object) =>
    js.publish(
      subject(`ledger.transaction.${action}.v1`),
      JSON.stringify({
        specversion: '1.0',
        id: randomUUID(),
        source: '/ledger',
        type: `ledger.transaction.${action}.v1`,
        subject: id,
        time: long,
        datacontenttype: 'application/json',
        data: { entity_type: 'transaction', entity_id: id, version: 1, old_values: null, new_values: values },
        familyid: owner.session.family.id,
      }),
    )
  try {
    const bought = await spend('99.00', 'old coat', adult)
    const values = { type: 'expense', account_id: account.id, amount: '400.00', currency: 'EUR' }
    await tell('posted', bought.id!, { ...values, created_by: adult.userId, reverses: null })
    const waits = await spend('250.00', 'old bike')
    await phones.owner.see(/old bike/)
    // As for a bot that was away for so long: it has told nobody yet.
    const marks = () => bot.redis.keys(`${bot.house.env['REDIS_PREFIX']}bot:told:ask:${waits.id}:*`)
    await eventually(
      async () => await Promise.all((await marks()).map((mark) => bot.redis.get(mark))),
      (values) => values.join() === 'done,done',
      60_000,
    )
    await bot.redis.del(await marks())
    await tell('submitted', waits.id!, { ...values, created_by: waits.created_by, reverses: null })
    await eventually(
      () => countOf(phones.owner, /old bike/),
      (count) => count === 2,
      60_000,
    )
    expect(await countOf(phones.owner, /old coat/)).toBe(0)
  } finally {
    await link.stop()
  }
})
