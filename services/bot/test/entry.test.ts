import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { givenLinkedFamily, type LinkedFamily } from './linked.ts'
import { type BotHouse, startBotHouse } from './support.ts'

let bot: BotHouse
let house: LinkedFamily

beforeAll(async () => {
  bot = await startBotHouse()
  house = await givenLinkedFamily(bot, 'child')
  await givenAccount(house.owner, { name: 'Wallet', opening_balance: '100.00' })
  await givenAccount(house.owner, { name: 'Savings', kind: 'savings', opening_balance: '500.00' })
  await givenAccount(house.owner, { name: 'Yen', currency: 'JPY', opening_balance: '10000' })
  const secret = { name: 'Surprise party', visibility: 'private' as const, opening_balance: '70.00' }
  await givenAccount(house.owner, secret)
  for (const name of ['Food', 'Fuel']) await house.owner.ledger.call('createCategory', { body: { name } })
}, 120_000)
afterAll(() => bot.stop())

const balances = async () =>
  Object.fromEntries(
    (await house.owner.ledger.call('listAccounts')).items.map(({ name, balance }) => [name, balance.posted]),
  )
const last = async () =>
  (await house.owner.ledger.call('listTransactions', { query: { limit: '1' } })).items[0]!

describe('an entry', () => {
  test('moves money between two accounts', async () => {
    const card = await house.ann.ask('60 EUR @wallet > @sav rainy days')
    expect(card.text).toBe('Move 60.00 EUR?\nFor: rainy days\nFrom: Wallet\nInto: Savings')
    await house.ann.tap(card, 'Confirm')
    await house.ann.see(/^60\.00 EUR · rainy days\nDone\. Wallet now has 40\.00 EUR/)
    expect(await balances()).toMatchObject({ Wallet: '40.00', Savings: '560.00' })
  })

  test('goes into a category that exists, by the beginning of its name', async () => {
    expect((await house.ann.ask('5 bread #toys')).text).toMatch(/no such category.*Food, Fuel/)
    expect((await house.ann.ask('5 @wallet > @savings #food')).text).toMatch(/no category/)
    const card = await house.ann.ask('5 bread #fo @wallet')
    expect(card.text).toMatch(/For: bread\nFrom: Wallet\nCategory: Food$/)
    await house.ann.tap(card, 'Confirm')
    await house.ann.see(/Done/)
    const categories = (await house.owner.ledger.call('listCategories')).items
    expect(await last()).toMatchObject({
      description: 'bread',
      category_id: categories.find(({ name }) => name === 'Food')!.id,
    })
  })

  test.each([
    ['12 500 rent', /two numbers/],
    ['1234567890123 x', /more than I can write down/],
    ['$5 EUR x', /currency/],
    ['/add 0.005 gum @wallet', /EUR has 2 decimal places/],
    ['/add 0.5 gum @yen', /JPY has no decimal places/],
    ['/add 5 gum @wallet > @wallet', /two accounts/],
    ['5 gum @wallet > @yen', /one currency, and these are EUR and JPY/],
    ['5 gum @wallet > @safe', /no such account/],
    ['1,000.50 rent', /did not find the amount/],
    ['5.0000 rent', /did not find the amount/],
    ['rent', /did not understand/],
    [`5 ${'x'.repeat(201)}`, /200 characters/],
  ])('%s is answered with what to write', async (line, answer) => {
    const { text, buttons } = await house.ann.ask(line)
    expect(text).toMatch(answer)
    expect(buttons).toEqual([])
  })

  test('with odd characters is shown as it will be booked', async () => {
    const card = await house.ann.ask('€3,20 <b>*tea*</b> _x_ \u202e05 @wallet')
    expect(card.text).toBe('Spend 3.20 EUR?\nFor: <b>*tea*</b> _x_ 05\nFrom: Wallet')
    await house.ann.tap(card, 'Confirm')
    await house.ann.see(/Done/)
    expect(await last()).toMatchObject({ amount: '3.20', description: '<b>*tea*</b> _x_ 05' })
  })

  test('offers only accounts that fit, and another look when it is moved', async () => {
    const card = await house.ann.ask('50 shoes @wallet')
    expect(card.text).toMatch(/not enough money on it: 31\.80 EUR can be spent/)
    await house.ann.tap(card, 'Savings')
    const moved = await house.ann.see(/From: Savings$/)
    expect(moved.buttons.flat().map(({ text }) => text)).toEqual(
      expect.arrayContaining(['→ Wallet', '→ Yen', '→ Surprise party']),
    )
    const places = await house.ann.ask('1.25 gum @wallet')
    expect(places.buttons.flat().map(({ text }) => text)).not.toContain('→ Yen')
  })

  test('a child is told beforehand who has to approve', async () => {
    expect((await house.ben.ask('3 ice @wallet')).text).toMatch(
      /It will wait for approval\. Olga can approve it/,
    )
  })

  test('of another family than the one the person went to moves nothing', async () => {
    await house.owner.auth.call('createFamily', { body: { name: 'Band' } })
    const card = await house.ann.ask('2 strings @wallet')
    await house.ann.tap(await house.ann.ask('/family'), 'Band')
    await house.ann.see(/You are in “Band”/)
    await house.ann.tap(card, 'Confirm')
    await eventually(
      async () => (await house.ann.messages()).find(({ id }) => id === card.id)!.text,
      (text) => text.includes('another family'),
    )
    expect(await last()).not.toMatchObject({ description: 'strings' })
    await house.ann.tap(await house.ann.ask('/family'), 'The Tests')
    await house.ann.see(/You are in “The Tests”/)
  })
})

describe('what is not a person’s own word', () => {
  const person = { id: 111, first_name: 'Ann', language_code: 'en' }
  const say = (message: Record<string, unknown>) =>
    bot.send('sendMessage', { from: person, chat: { id: 111, type: 'private' }, ...message })

  test('a picture is not read, but what is written under it counts', async () => {
    const photo = [{ file_id: 'a', file_unique_id: 'a', width: 1, height: 1 }]
    await say({ photo })
    await house.ann.see(/I read text only/)
    await say({ photo, caption: '4 receipt @wallet' })
    expect((await house.ann.see(/Spend 4\.00 EUR\?\nFor: receipt/)).buttons).not.toEqual([])
  })

  test('forwarded: nothing is drafted', async () => {
    const forward_origin = { type: 'hidden_user', sender_user_name: 'Eve', date: 1 }
    await say({ text: '66 gift', forward_origin })
    expect((await house.ann.see(/only what you write yourself/)).buttons).toEqual([])
  })
})

describe('in a group', () => {
  const group = { id: -500, type: 'group' }
  const say = (text: string, more: Record<string, unknown> = {}) =>
    bot.send('sendMessage', {
      text,
      from: { id: 111, first_name: 'Ann', language_code: 'ru' },
      chat: group,
      ...more,
    })
  const inGroup = (pattern: RegExp) =>
    eventually(
      () => bot.written(group.id),
      (all) => all.some((text) => pattern.test(text)),
    )

  test('the sender counts, balances go to the private chat, links are not made', async () => {
    await say('/balance@TestNameBot')
    await inGroup(/в личный чат/)
    await house.ann.see(/Wallet: /)
    expect((await bot.written(group.id)).join()).not.toContain('EUR')
    await say('/start')
    await inGroup(/лично/)
  })

  test.each(['/list', '/report', '/family', '/verify', '/undo', '/language', '/unlink'])(
    '%s is answered privately',
    async (command) => {
      const before = (await bot.written(group.id)).length
      await say(command)
      const all = await eventually(
        () => bot.written(group.id),
        (list) => list.length > before,
      )
      expect(all.slice(before)).toEqual(['Отправил вам в личный чат.'])
    },
  )

  test('a card is shown there, and names or offers nothing that is private', async () => {
    await say('/add 1 сок')
    const cards = await inGroup(/^Потратить 1,00 EUR\?/)
    expect(cards.at(-1)).toMatch(/Счёт: (Wallet|Savings)/)
    await say('/add 1 сок @nothing')
    await house.ann.see(/Такого счёта я не знаю.*Surprise party/)
    for (const line of ['1 торт @sur', '1 торт @wallet > @sur', '1 торт @sur > @wallet']) {
      const before = (await house.ann.messages()).length
      await say(`/add ${line}`)
      await eventually(house.ann.messages, (all) =>
        all.slice(before).some(({ text }) => text.startsWith('Этот счёт видит не вся семья')),
      )
    }
    expect((await bot.written(group.id)).join()).not.toContain('Surprise')
  })

  test('talk, other bots’ commands and unknown ones are left alone', async () => {
    const before = (await bot.written(group.id)).length
    for (const text of ['just talking', '12.50 coffee', '/add@OtherBot 5 x', '/weather', '/add5'])
      await say(text)
    await say('/language')
    const all = await eventually(
      () => bot.written(group.id),
      (list) => list.length > before,
    )
    expect(all.slice(before)).toEqual(['Отправил вам в личный чат.'])
  })

  test('an anonymous admin is told to write as themselves', async () => {
    const anonymous = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' }
    await say('/balance', { from: anonymous, sender_chat: group })
    await inGroup(/Write as yourself/)
  })
})
