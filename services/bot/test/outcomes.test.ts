import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { type BotHouse, type Chat, codeToLink, startBotHouse } from './support.ts'

const PATIENCE_MS = 40_000

let bot: BotHouse
let family: Family
let ann: Chat
beforeAll(async () => {
  bot = await startBotHouse()
  family = await givenFamily(bot.house)
  await givenAccount(family.owner, { name: 'Wallet', opening_balance: '100.00' })
  ann = bot.chat(111)
  const code = await codeToLink(ann)
  await family.owner.auth.call('confirmTelegramBinding', { body: { code } })
  await ann.see(/this chat is linked/)
}, 120_000)
afterAll(() => bot.stop())
beforeEach(() => bot.gateway.mend())

const booked = async (description: string) =>
  (await family.owner.ledger.call('listTransactions', { query: { type: 'expense' } })).items.filter(
    (one) => one.description === description,
  ).length
const textOf = async (id: number) => (await ann.messages()).find((message) => message.id === id)!
const becomes = (id: number, pattern: RegExp) =>
  eventually(
    () => textOf(id),
    ({ text }) => pattern.test(text),
    PATIENCE_MS,
  )

test('what came of an entry is found out and told when the gateway is back, without another tap', async () => {
  const card = await ann.ask('7 soup')
  bot.gateway.cut()
  await ann.tap(card, 'Confirm')
  const unclear = await becomes(card.id, /cannot reach the purse[\s\S]*never booked twice/)
  expect(unclear.buttons.flat()).toEqual([{ text: '🔁 Try again now', data: card.buttons[0]![0]!.data }])
  bot.gateway.mend()
  const done = await becomes(card.id, /Done\. Wallet now has/)
  expect(done.buttons.flat()).toEqual([])
  expect(await booked('soup')).toBe(1)
}, 60_000)

test('the button on such a card sends the very same request', async () => {
  const card = await ann.ask('8 rice')
  bot.gateway.cut()
  await ann.tap(card, 'Confirm')
  const unclear = await becomes(card.id, /never booked twice/)
  bot.gateway.mend()
  await Promise.all([ann.tap(unclear, 'Try again'), ann.tap(unclear, 'Try again')])
  await becomes(card.id, /Done\. Wallet now has/)
  expect(await booked('rice')).toBe(1)
}, 60_000)

test('an outcome that Telegram did not take is told later', async () => {
  const card = await ann.ask('9 fish')
  const broken = { code: 500, description: 'Internal Server Error' }
  bot.emulator.failNext('editMessageText', [broken, broken, broken, broken])
  await ann.tap(card, 'Confirm')
  await eventually(
    () => booked('fish'),
    (count) => count === 1,
  )
  await becomes(card.id, /Done\. Wallet now has/)
  expect(await booked('fish')).toBe(1)
  expect((await ann.messages()).filter(({ text }) => /broke/.test(text))).toEqual([])
}, 60_000)

test('an answer is sent again when Telegram wants a pause or breaks, and once', async () => {
  bot.emulator.failNext('sendMessage', [
    { code: 429, description: 'Too Many Requests: retry after 1', retryAfter: 1 },
    { code: 502, description: 'Bad Gateway' },
  ])
  const before = (await ann.messages()).length
  expect((await ann.ask('/help')).text).toMatch(/\/balance/)
  expect(await ann.messages()).toHaveLength(before + 2)
}, 30_000)
