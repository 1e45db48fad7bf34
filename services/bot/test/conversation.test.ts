import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type BotHouse, type Chat, codeToLink, startBotHouse } from './support.ts'

let bot: BotHouse
let family: Family
let owner: Person
let member: Person
let ann: Chat
let ben: Chat

beforeAll(async () => {
  bot = await startBotHouse()
  family = await givenFamily(bot.house, ['member'])
  owner = family.owner
  member = family.people['member']!
  await givenAccount(owner, { name: 'Wallet', opening_balance: '100.00' })
  await givenAccount(owner, { name: 'Household', opening_balance: '1000.00' })
  ann = bot.chat(111)
  ben = bot.chat(222)
}, 120_000)
afterAll(() => bot.stop())

const link = async (chat: Chat, person: Person) => {
  const code = await codeToLink(chat)
  expect(await person.auth.call('getTelegramBinding', { params: { code } })).toMatchObject({
    first_name: expect.any(String) as unknown,
  })
  await person.auth.call('confirmTelegramBinding', { body: { code } })
  await chat.see(/this chat is linked/)
  return code
}
const spendings = async () =>
  (await owner.ledger.call('listTransactions', { query: { type: 'expense' } })).items.map(
    ({ description }) => description,
  )
const balanceOf = async (wanted: string) =>
  (await owner.ledger.call('listAccounts')).items.find(({ name }) => name === wanted)!.balance

describe('a newcomer', () => {
  test('is told what to do before the link, in words', async () => {
    expect((await ann.ask('/balance')).text).toMatch(/\/start/)
    expect((await ann.ask('12.50 coffee')).text).toMatch(/\/start/)
    expect((await ann.ask('/help')).text).toMatch(/\/balance[\s\S]*\/add/)
    expect((await ann.ask('hello?')).text).toMatch(/did not understand/)
  })

  test('gets a link, confirms it, and is greeted without asking again', async () => {
    const { text, buttons } = await ann.ask('/start')
    expect(text).toMatch(/10 minutes/)
    expect(buttons[0]![0]!.url).toBe(/http\S+/.exec(text)![0])
    const code = await link(ann, owner)
    expect((await ann.see(/linked/)).text).toMatch(/Olga.*“The Tests”/)
    expect((await ann.ask('/start')).text).toMatch(/Hello Olga/)
    await link(ben, member)
    expect(bot.logs.join('')).not.toContain(code)
  })
})

describe('money', () => {
  test('/balance shows the accounts, with what waits', async () => {
    const { text } = await ann.ask('/balance')
    expect(text).toMatch(/Wallet: 100\.00 EUR/)
    expect(text).toMatch(/Household: 1,000\.00 EUR/)
  })

  test('/add asks first; a confirmed spending moves money once, however often it is tapped', async () => {
    const card = await ann.ask('/add 12.50 coffee @wallet')
    expect(card.text).toMatch(/Spend 12\.50 EUR\?\nFor: coffee\nFrom: Wallet/)
    expect(await balanceOf('Wallet')).toMatchObject({ posted: '100.00' })
    await Promise.all([ann.tap(card, 'Confirm'), ann.tap(card, 'Confirm'), ann.tap(card, 'Confirm')])
    const done = await ann.see(/Done\. Wallet now has 87\.50 EUR/)
    expect(done.id).toBe(card.id)
    expect(done.buttons.flat()).toEqual([])
    const data = card.buttons[0]![0]!.data
    await bot.send('sendCallback', {
      data,
      from: { id: 111 },
      message: { chat: { id: 111, type: 'private' }, message_id: card.id },
    })
    await ann.ask('/help')
    expect(await balanceOf('Wallet')).toMatchObject({ posted: '87.50' })
    expect((await spendings()).filter((text) => text === 'coffee')).toHaveLength(1)
  })

  test('the words alone are enough, money comes in too, and the account can be changed on the card', async () => {
    const card = await ann.ask('+2000 salary')
    expect(card.text).toMatch(/Receive 2,000\.00 EUR\?\nFor: salary\nInto: Wallet/)
    await ann.tap(card, 'Household')
    const changed = await ann.see(/Into: Household/)
    await ann.tap(changed, 'Confirm')
    await ann.see(/Household now has 3,000\.00 EUR/)
  })

  test('a spending above the threshold waits, and it is said who can approve it', async () => {
    const card = await ben.ask('250 bike @house')
    expect(card.text).toMatch(/It will wait for approval\. Olga can approve it\./)
    await ben.tap(card, 'Confirm')
    expect((await ben.see(/waits for approval until \d+ \w+ \d{4}, \d\d:\d\d UTC/)).text).toMatch(
      /Olga can approve/,
    )
    expect((await ben.ask('/balance')).text).toMatch(
      /Household: 3,000\.00 EUR \(available 2,750\.00 EUR, waiting −250\.00 EUR\)/,
    )
  })

  test('what the purse refuses is explained, with the request id', async () => {
    const card = await ann.ask('/add 999 ring @wallet')
    expect(card.text).toMatch(/not enough money on it: 87\.50 EUR can be spent/)
    await ann.tap(card, 'Confirm')
    const refusal = await ann.see(/not enough money[\s\S]*Request id: [\w-]{8,}/)
    expect(refusal.buttons.flat()).toEqual([])
    expect(await balanceOf('Wallet')).toMatchObject({ posted: '87.50' })
  })

  test('what cannot be understood is asked for', async () => {
    expect((await ann.ask('/add')).text).toMatch(/How much/)
    expect((await ann.ask('/add coffee')).text).toMatch(/did not find the amount/)
    expect((await ann.ask('/add 0 coffee')).text).toMatch(/more than zero/)
    expect((await ann.ask('/add 1.005 coffee')).text).toMatch(/EUR has 2 decimal places/)
    expect((await ann.ask('/add 5 bread @safe')).text).toMatch(/no such account.*Wallet \(EUR\)/)
  })

  test('a cancelled or forgotten card moves nothing', async () => {
    const cancelled = await ann.ask('1 pen')
    await ann.tap(cancelled, 'Cancel')
    await ann.see(/Cancelled/)
    const old = await ann.ask('1 pencil')
    const [key] = await bot.redis.keys(
      `${bot.house.env['REDIS_PREFIX']}bot:draft:${old.buttons[0]![0]!.data!.split(':')[2]}`,
    )
    await bot.redis.del(key!)
    await ann.tap(old, 'Confirm')
    await ann.see(/too old/)
    expect(await spendings()).not.toEqual(expect.arrayContaining(['pen']))
    expect(await spendings()).not.toEqual(expect.arrayContaining(['pencil']))
  })

  test('nobody else can confirm a card, and a forged button does nothing', async () => {
    const card = await ann.ask('3 tea')
    const { data } = card.buttons[0]![0]!
    const message = { chat: { id: 111, type: 'private' }, message_id: card.id }
    const bens = (await ben.messages()).filter(({ from }) => from === 'bot').at(-1)!.id
    await bot.send('sendCallback', { data, from: { id: 222 }, message })
    await bot.send('sendCallback', {
      data: 'add:ok:AAAAAAAAAAAAAAAA',
      from: { id: 222 },
      message: { message_id: bens, chat: { id: 222, type: 'private' } },
    })
    await bot.send('sendCallback', { data: 'drop table', from: { id: 222 }, message })
    const elsewhere = { message_id: card.id, chat: { id: -5, type: 'group' } }
    await bot.send('sendCallback', { data, from: { id: 111 }, message: elsewhere })
    await ben.see(/too old/)
    await ann.ask('/help')
    expect(await spendings()).not.toEqual(expect.arrayContaining(['tea']))
    await ann.tap(card, 'Confirm')
    await eventually(spendings, (all) => all.includes('tea'))
  })
})

describe('when parts are away', () => {
  test('the gateway: it is said, nothing is lost, and the same tap works later', async () => {
    const card = await ann.ask('7 soup')
    bot.gateway.cut()
    expect((await ann.ask('/balance')).text).toMatch(/cannot reach the purse/)
    await ann.tap(card, 'Confirm')
    await ann.see(/cannot reach the purse/)
    bot.gateway.mend()
    await ann.tap(card, 'Confirm')
    await eventually(spendings, (all) => all.includes('soup'))
    expect((await spendings()).filter((text) => text === 'soup')).toHaveLength(1)
  }, 60_000)

  test('the memory: it is said in words, and everything goes on afterwards', async () => {
    bot.memory.cut()
    expect((await ann.ask('/balance')).text).toMatch(/cannot reach my memory/)
    bot.memory.mend()
    await eventually(
      async () => (await ann.ask('/balance')).text,
      (text) => text.includes('Wallet'),
    )
  }, 60_000)

  test('the memory emptied: the bot asks for a new session by itself', async () => {
    const keys = await bot.redis.keys(`${bot.house.env['REDIS_PREFIX']}bot:*`)
    await bot.redis.del(keys)
    expect((await ann.ask('/balance')).text).toMatch(/Wallet/)
  })

  test('a session that was ended elsewhere is made anew', async () => {
    await owner.auth.call('logout', { body: { scope: 'others' } })
    expect((await ann.ask('/balance')).text).toMatch(/Wallet/)
  })

  test('a restarted bot goes on where it was', async () => {
    const card = await ann.ask('2 milk')
    await bot.restartBot()
    await ann.tap(card, 'Confirm')
    await eventually(spendings, (all) => all.includes('milk'))
  })
})

describe('secrets', () => {
  test('tokens are kept and sealed in the memory, and in no chat and no log', async () => {
    const count = async (table: string, condition: string) => {
      const { rows } = await admin.query(`SELECT count(*)::int AS n FROM auth.${table} WHERE ${condition}`)
      return (rows[0] as { n: number }).n
    }
    const admin = new pg.Client({ connectionString: bot.house.database.adminUrl })
    await admin.connect()
    const before = [await count('sessions', `client = 'bot'`), await count('refresh_tokens', 'true')]
    await Promise.all([ann.ask('/balance'), ann.ask('/balance'), ann.ask('/balance')])
    expect([await count('sessions', `client = 'bot'`), await count('refresh_tokens', 'true')]).toEqual(before)
    await admin.end()
    const sealed = await bot.redis.get(`${bot.house.env['REDIS_PREFIX']}bot:session:111`)
    expect(sealed).toMatch(/^v1\.[\w-]{200,}$/)
    expect(Buffer.from(sealed!.slice(3), 'base64url').toString('latin1')).not.toMatch(
      /accessToken|eyJ[\w-]{10,}/,
    )
    const chats = JSON.stringify([await ann.messages(), await ben.messages()])
    for (const text of [chats, bot.logs.join('')]) {
      expect(text).not.toMatch(/eyJ[\w-]{10,}\.eyJ/) // with its dots: any code may begin so by chance
      expect(text).not.toContain(bot.botToken)
      expect(text).not.toContain(bot.house.env['BOT_CLIENT_SECRET']!)
    }
    expect(bot.logs.join('')).not.toMatch(/code=|coffee|\bEUR\b/)
  })
})
