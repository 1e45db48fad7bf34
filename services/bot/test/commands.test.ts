import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { even, type LinkedFamily, startLinkedHouse, tapAs } from './linked.ts'
import type { BotHouse, ChatMessage } from './support.ts'

let bot: BotHouse
let house: LinkedFamily
let walletId: string

beforeAll(async () => {
  ;({ bot, house, walletId } = await startLinkedHouse('5000.00'))
}, 120_000)
afterAll(() => bot.stop())

const spend = (amount: string, description: string, more: Record<string, string> = {}) =>
  house.owner.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: walletId, amount, currency: 'EUR', description, ...more },
  })
const buttonsOf = ({ buttons }: ChatMessage) => buttons.flat().map(({ text }) => text)

describe('/list', () => {
  test('says when there is nothing', async () => {
    expect((await house.ann.ask('/list')).text).toMatch(/Latest in “The Tests”\s+Nothing has been written/)
  })

  test('shows what, where, by whom and how it stands', async () => {
    await spend('1234.50', 'sofa')
    await house.other.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: walletId, amount: '250.00', currency: 'EUR', description: 'bike' },
    })
    const { text } = await house.ann.ask('/list')
    expect(text).toMatch(/−1,234\.50 EUR {2}sofa\n {4}Wallet · Olga/)
    expect(text).toMatch(/−250\.00 EUR {2}bike\n {4}Wallet · member · ⏳ waits for approval/)
  })

  test('is turned by buttons, forth and back, by its person alone', async () => {
    for (let n = 1; n <= 9; n++) await spend('1.00', `thing ${n}`)
    const first = await house.ann.ask('/list thing')
    expect(first.text.match(/thing/g)).toHaveLength(8)
    expect(first.text).not.toMatch(/thing 1\b/)
    expect(buttonsOf(first)).toEqual(['« Earlier'])
    await tapAs(bot, 222, { data: first.buttons[0]![0]!.data!, messageId: first.id, chatId: 111 })
    await house.ben.ask('/help')
    expect((await house.ann.see(/thing 9/)).text).toBe(first.text)
    await house.ann.tap(first, 'Earlier')
    const second = await house.ann.see(/thing 1\b/)
    expect(second.id).toBe(first.id)
    expect(buttonsOf(second)).toEqual(['Later »'])
    await house.ann.tap(second, 'Later')
    expect((await house.ann.see(/thing 9/)).text).toBe(first.text)
  })

  test('finds by account and words, and says what it does not know', async () => {
    expect((await house.ann.ask('/list @wall sofa')).text).toMatch(/sofa/)
    expect((await house.ann.ask('/list @wall nowhere')).text).toMatch(/find nothing that fits/)
    expect((await house.ann.ask('/list @safe')).text).toMatch(/no such account.*Wallet \(EUR\)/)
  })

  test('shows nobody what they do not see', async () => {
    const own = { name: 'Secret', visibility: 'private' as const, opening_balance: '10.00' }
    const { id } = await givenAccount(house.other, own)
    await house.other.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: id, amount: '1.00', currency: 'EUR', description: 'present' },
    })
    expect((await house.ben.ask('/list present')).text).toMatch(/present\n {4}Secret/)
    const { text } = await house.ann.ask('/list present')
    expect(text).not.toMatch(/Secret/)
    expect(text).toMatch(/find nothing that fits/)
  })
})

describe('/report', () => {
  test('shows the month in sums, by category and member, beside the one before', async () => {
    const food = await house.owner.ledger.call('createCategory', { body: { name: 'Food' } })
    const june = { occurred_at: '2026-06-10T12:00:00Z' }
    await spend('100.00', 'june', june)
    await house.owner.ledger.call('submitTransaction', {
      body: { type: 'income', account_id: walletId, amount: '2000.00', currency: 'EUR', ...july },
    })
    await spend('70.25', 'bread', { category_id: food.id, ...july })
    await spend('29.75', 'bus', july)
    await spend('50.00', 'tram', july)
    const { text } = await house.ann.ask('/report 2026-07')
    expect(text).toMatch(
      /July 2026 in “The Tests”\n\nIncome: 2,000\.00 EUR\nExpenses: 150\.00 EUR\nLeft: 1,850\.00 EUR/,
    )
    expect(text).toMatch(/by category\n {2}without a category: 79\.75 EUR\n {2}Food: 70\.25 EUR/)
    expect(text).toMatch(/by member\n {2}Olga: 150\.00 EUR/)
    expect(text).toMatch(/June 2026: income 0\.00 EUR, expenses 100\.00 EUR \(expenses now \+50 %\)/)
  })
  const july = { occurred_at: '2026-07-10T12:00:00Z' }

  test('without a month it is the running one, and what is no month is asked for', async () => {
    expect((await house.ann.ask('/report')).text).toMatch(/\(so far\) in “The Tests”/)
    expect((await house.ann.ask('/report 1990-01')).text).toMatch(/January 1990[\s\S]*No money came in/)
    for (const wrong of ['2026-13', 'july', '99999-01', '0001-01'])
      expect((await house.ann.ask(`/report ${wrong}`)).text).toMatch(/Which month/)
  })
})

describe('/language', () => {
  test('is chosen by a button, for everything that follows, and outlives what Telegram says', async () => {
    const question = await house.ben.ask('/language')
    expect(buttonsOf(question)).toEqual(['English', 'Русский'])
    await house.ben.tap(question, 'Русский')
    await house.ben.see(/говорю с вами по-русски/)
    expect(even((await house.ben.ask('/balance')).text)).toMatch(/Wallet: \d ?\d{3},\d\d EUR/)
    expect((await house.ben.ask('/help')).text).toMatch(/Кто может одобрять/)
    const back = await house.ben.ask('/language')
    await house.ben.tap(back, 'English')
    await house.ben.see(/I speak English/)
    expect((await house.ann.ask('/help')).text).toMatch(/Who may approve/)
  })
})

describe('/family', () => {
  test('names the members with their roles', async () => {
    const { text, buttons } = await house.ben.ask('/family')
    expect(text).toMatch(/“The Tests”[\s\S]*Olga – owner\n?[\s\S]*member – member \(you\)/)
    expect(buttons.flat()).toEqual([])
  })

  test('leads to another family of the same person, which outlives the session; and to no other', async () => {
    const second = await house.owner.auth.call('createFamily', { body: { name: 'Band <b>*' } })
    const here = await house.ann.ask('/family')
    expect(buttonsOf(here)).toEqual(['Band <b>*'])
    await house.ann.tap(here, 'Band')
    await house.ann.see(/You are in “Band <b>\*” now, as owner/)
    expect((await house.ann.ask('/balance')).text).toMatch(/no open account/)
    await house.owner.auth.call('logout', { body: { scope: 'others' } })
    const there = await house.ann.ask('/family')
    expect(there.text).toMatch(/“Band/)
    // Somebody else's button does not lead there.
    const bens = await house.ben.ask('/family')
    await tapAs(bot, 222, { data: `family:${second.id}`, messageId: bens.id })
    expect((await house.ben.ask('/family')).text).toMatch(/“The Tests”/)
    await house.ann.tap(there, 'The Tests')
    await house.ann.see(/You are in “The Tests” now/)
  })
})

describe('/verify', () => {
  test('says that the trail is whole, with its end, and where it is broken', async () => {
    const head = await eventually(
      () => house.owner.audit.call('getAuditHead'),
      ({ seq }) => seq > 10,
      20_000,
    )
    expect(head.seq).toBeGreaterThan(10)
    expect((await house.ben.ask('/verify')).text).toMatch(/intact: \d+ entries[\s\S]*Head: \d+:[0-9a-f]{16}/)
    const admin = new pg.Client({ connectionString: bot.house.database.adminUrl })
    await admin.connect()
    try {
      await admin.query('ALTER TABLE audit.event_log DISABLE TRIGGER ALL')
      await admin.query(`UPDATE audit.event_log SET reason = 'forged' WHERE family_id = $1 AND seq = 5`, [
        house.family.id,
      ])
      expect((await house.ben.ask('/verify')).text).toMatch(
        /broken: entry 5 is missing or was changed[\s\S]*1 to 4/,
      )
    } finally {
      await admin.end()
    }
  })
})

describe('a person without the right', () => {
  test('is told who has it', async () => {
    await house.owner.auth.call('updateMember', {
      params: { id: house.family.id, user_id: house.other.userId },
      body: { role: 'read_only' },
    })
    const answer = await eventually(
      async () => (await house.ben.ask('/add 1 gum')).text,
      (text) => text.includes('role'),
      40_000,
    )
    expect(answer).toMatch(/Your role[\s\S]*owner, adult, member, child[\s\S]*Request id/)
  }, 120_000)
})

describe('/unlink', () => {
  test('asks, can be declined, and then the chat is nobody’s', async () => {
    const kept = await house.ben.ask('/unlink')
    await house.ben.tap(kept, 'Stay linked')
    await house.ben.see(/still linked/)
    const asked = await house.ben.ask('/unlink')
    await tapAs(bot, 111, { data: asked.buttons[0]![0]!.data!, messageId: asked.id, chatId: 222 })
    await house.ann.ask('/help')
    await house.ben.tap(asked, 'Unlink')
    await house.ben.see(/not linked any more/)
    expect(await bot.redis.get(`${bot.house.env['REDIS_PREFIX']}bot:session:222`)).toBeNull()
    for (const command of ['/balance', '/list', '/report', '/family', '/verify', '/undo', '/unlink', '5 tea'])
      expect((await house.ben.ask(command)).text).toMatch(/do not know who you are yet[\s\S]*\/start/)
    const { auth, email, password } = house.other
    const { access_token: accessToken } = await auth.call('login', { body: { email, password } })
    expect((await auth.call('getMe', { credentials: { accessToken } })).telegram).toBeNull()
  })
})

describe('when the gateway is away', () => {
  test.each(['/list', '/report', '/family', '/verify', '/undo'])('%s says so', async (command) => {
    await house.ann.ask('/balance')
    bot.gateway.cut()
    try {
      expect((await house.ann.ask(command)).text).toMatch(/cannot reach the purse/)
    } finally {
      bot.gateway.mend()
    }
  })
})
