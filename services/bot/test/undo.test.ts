import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import type { Person } from '../../../tests/support/given.ts'
import { type LinkedFamily, startLinkedHouse, tapAs } from './linked.ts'
import type { BotHouse, ChatMessage } from './support.ts'

let bot: BotHouse
let house: LinkedFamily
let walletId: string

beforeAll(async () => {
  ;({ bot, house, walletId } = await startLinkedHouse('1000.00'))
}, 120_000)
afterAll(() => bot.stop())

const spend = (person: Person, amount: string, description: string) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: walletId, amount, currency: 'EUR', description },
  })
const find = (id: string | null) => house.owner.ledger.call('getTransaction', { params: { id: id! } })
const posted = async () =>
  (await house.owner.ledger.call('getAccount', { params: { id: walletId } })).balance.posted
const reversals = async () =>
  (await house.owner.ledger.call('listTransactions')).items.filter(({ reverses }) => reverses !== null)
const dataOf = ({ buttons }: ChatMessage) => buttons[0]![0]!.data!

describe('/undo', () => {
  test('says when there is nothing', async () => {
    expect((await house.ben.ask('/undo')).text).toMatch(/nothing of yours/)
  })

  test('takes the last entry of one’s own back, once, by an opposite entry', async () => {
    const { id } = await spend(house.owner, '40.00', 'lamp')
    await spend(house.other, '5.00', 'of another')
    const card = await house.ann.ask('/undo')
    expect(card.text).toMatch(/−40\.00 EUR {2}lamp[\s\S]*nothing is erased/)
    const before = await posted()
    await Promise.all([house.ann.tap(card, 'Take it back'), house.ann.tap(card, 'Take it back')])
    const done = await house.ann.see(/Taken back\. Available now: Wallet 995\.00 EUR/)
    expect(done.id).toBe(card.id)
    await tapAs(bot, 111, { data: dataOf(card), messageId: card.id })
    await house.ann.ask('/help')
    expect(before).toBe('955.00')
    expect(await posted()).toBe('995.00')
    expect(await find(id)).toMatchObject({ status: 'reversed', reversed_by: expect.any(String) as unknown })
    expect(await reversals()).toMatchObject([{ reverses: id, reason: 'written down by mistake' }])
    expect((await house.ann.ask('/list lamp')).text).toMatch(
      /\+40\.00 EUR {2}lamp[\s\S]*takes an earlier one back[\s\S]*−40\.00 EUR {2}lamp[\s\S]*taken back/,
    )
    // What was taken back, and the taking back itself, are not offered again.
    expect((await house.ann.ask('/undo')).text).toMatch(/nothing of yours/)
  })

  test('tells the family why, when the person says so', async () => {
    await spend(house.owner, '7.00', 'pens')
    const card = await house.ann.ask('/undo')
    await house.ann.tap(card, 'Say why')
    await house.ann.see(/Write it in your next message/)
    await house.ann.ask('12.50 is wrong, they cost less')
    await house.ann.see(/Taken back/)
    expect((await reversals())[0]).toMatchObject({ reason: '12.50 is wrong, they cost less' })
    // The question is answered: the next message is an entry again.
    expect((await house.ann.ask('1 gum')).text).toMatch(/Spend 1\.00 EUR/)
  })

  test('a question that is left for a command is given up', async () => {
    await spend(house.owner, '8.00', 'cups')
    await house.ann.tap(await house.ann.ask('/undo'), 'Say why')
    await house.ann.see(/Write it in your next message/)
    await house.ann.ask('/balance')
    expect((await house.ann.ask('just words')).text).toMatch(/did not understand/)
    expect(await reversals()).toHaveLength(2)
  })

  test('leaves it, and is no business of anybody else', async () => {
    const card = await house.ann.ask('/undo')
    await tapAs(bot, 222, { data: dataOf(card), messageId: card.id, chatId: 111 })
    await house.ben.ask('/help')
    await house.ann.tap(card, 'Leave it')
    await house.ann.see(/Left as it is/)
    await tapAs(bot, 111, { data: dataOf(card), messageId: card.id })
    await house.ann.see(/too old\. Nothing was taken back/)
    expect(await reversals()).toHaveLength(2)
  })

  test('ends the waiting of what waits', async () => {
    const { id } = await spend(house.other, '300.00', 'skates')
    const card = await house.ben.ask('/undo')
    expect(card.text).toMatch(/skates[\s\S]*still waits for approval\. Cancel it/)
    await house.ben.tap(card, 'Cancel')
    await house.ben.see(/does not wait any more/)
    expect(await find(id)).toMatchObject({ status: 'cancelled' })
  })

  test('explains what became of it meanwhile', async () => {
    const { id } = await spend(house.owner, '9.00', 'plates')
    const card = await house.ann.ask('/undo')
    await house.owner.ledger.call('reverseTransaction', {
      params: { id: id! },
      body: { reason: 'on the web' },
    })
    await house.ann.tap(card, 'Take it back')
    await house.ann.see(/taken back already[\s\S]*Request id/)
    const waiting = await spend(house.other, '301.00', 'skis')
    const bens = await house.ben.ask('/undo')
    await house.owner.ledger.call('rejectTransaction', {
      params: { id: waiting.id! },
      body: { reason: 'no snow' },
    })
    await house.ben.tap(bens, 'Cancel')
    await house.ben.see(/does not wait for approval any more/)
  })

  test('waits too, where the amount is above the threshold', async () => {
    const { id } = await spend(house.other, '302.00', 'tent')
    await house.owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} })
    const card = await house.ben.ask('/undo')
    await house.ben.tap(card, 'Take it back')
    await house.ben.see(/waits for approval until \d+ \w+ \d{4}, \d\d:\d\d UTC\. Olga can approve it/)
    expect(await find(id)).toMatchObject({ status: 'posted', reversed_by: null })
  })

  test('when the purse is away the words are not lost: written again, they do', async () => {
    await spend(house.owner, '12.00', 'hooks')
    await house.ann.tap(await house.ann.ask('/undo'), 'Say why')
    await house.ann.see(/Write it in your next message/)
    bot.gateway.cut()
    try {
      expect((await house.ann.ask('bent')).text).toMatch(/cannot reach the purse/)
    } finally {
      bot.gateway.mend()
    }
    expect((await house.ann.ask('all of them bent')).text).toMatch(/Taken back/)
    expect((await reversals())[0]).toMatchObject({ reason: 'bent' })
  }, 60_000)

  test('when the purse is away it is told, and the same tap does it later, once', async () => {
    const { id } = await spend(house.owner, '11.00', 'rope')
    const card = await house.ann.ask('/undo')
    bot.gateway.cut()
    try {
      await house.ann.tap(card, 'Take it back')
      await house.ann.see(/cannot reach the purse/)
    } finally {
      bot.gateway.mend()
    }
    await house.ann.tap(card, 'Take it back')
    await eventually(
      () => find(id),
      ({ status }) => status === 'reversed',
    )
  }, 60_000)
})
