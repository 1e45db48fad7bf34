import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { type LinkedFamily, startLinkedHouse } from './linked.ts'
import type { BotHouse } from './support.ts'

let bot: BotHouse
let house: LinkedFamily
let walletId: string

beforeAll(async () => {
  ;({ bot, house, walletId } = await startLinkedHouse('5000.00'))
}, 120_000)
afterAll(() => bot.stop())

const ask = (amount: string, description: string) =>
  house.other.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: walletId, amount, currency: 'EUR', description },
  })
/** Without waiting for an answer, which looks like a notice. */
const write = (text: string) =>
  bot.send('sendMessage', {
    from: { id: 111, first_name: 'Ann', language_code: 'en' },
    chat: { id: 111, type: 'private' },
    text,
  })
const statusOf = async (id: string | null) =>
  (await house.owner.ledger.call('getTransaction', { params: { id: id! } })).status
const cardOf = (person: 111 | 222, pattern: RegExp) =>
  eventually(
    async () => (await bot.chat(person).messages()).findLast(({ text }) => pattern.test(text)),
    (message) => message !== undefined,
  )

describe('/pending', () => {
  test('says when nothing waits', async () => {
    expect((await house.ann.ask('/pending')).text).toMatch(/Nothing waits for approval/)
    expect((await house.ann.ask('/approve')).text).toMatch(/Nothing waits for you/)
  })

  test('shows what waits: with buttons to who may decide, without to its author', async () => {
    const bike = await ask('250.00', 'bike')
    const skis = await ask('260.00', 'skis')
    await house.ann.ask('/pending')
    const first = (await cardOf(111, /^1\. [\s\S]*250[\s\S]*bike/))!
    await cardOf(111, /^2\. [\s\S]*260[\s\S]*skis/)
    expect(first.buttons.flat().map(({ text }) => text)).toEqual(['✅ Approve', '✖ Reject'])
    await house.ben.ask('/pending')
    const bens = (await cardOf(222, /^1\. [\s\S]*bike/))!
    expect(bens.buttons.flat()).toEqual([])

    await house.ann.tap(first, 'Approve')
    await eventually(
      () => statusOf(bike.id),
      (status) => status === 'posted',
    )
    // The number is that of the list, though what stood before it is decided.
    await write('/approve 2')
    await eventually(
      () => statusOf(skis.id),
      (status) => status === 'posted',
    )
  })
})

describe('/approve', () => {
  test('takes the beginning of an id, and nothing that it does not know', async () => {
    const { id } = await ask('270.00', 'sledge')
    for (const word of ['99', 'abc', '019', id!.slice(0, 4), 'everything'])
      expect((await house.ann.ask(`/approve ${word}`)).text).toMatch(/Nothing that waits is/)
    expect(await statusOf(id)).toBe('pending_approval')
    await write(`/approve ${id!}`)
    await eventually(
      () => statusOf(id),
      (status) => status === 'posted',
    )
  })

  test('is refused to who may not, in words', async () => {
    const { id } = await ask('280.00', 'helmet')
    const { text } = await house.ben.ask(`/approve ${id!}`)
    expect(text).toMatch(/Your role[\s\S]*owner, adult[\s\S]*Request id/)
    expect(await statusOf(id)).toBe('pending_approval')
  })

  test('of what was decided meanwhile shows what became of it', async () => {
    await house.ann.ask('/pending')
    const { items } = await house.owner.ledger.call('listTransactions', {
      query: { status: 'pending_approval' },
    })
    for (const { id } of items)
      await house.owner.ledger.call('rejectTransaction', {
        params: { id: id! },
        body: { reason: 'on the web' },
      })
    await write('/approve 1')
    await cardOf(111, /helmet[\s\S]*on the web/)
    expect(await statusOf(items[0]!.id)).toBe('rejected')
  })
})
