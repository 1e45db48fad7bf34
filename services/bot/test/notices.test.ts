import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { plenty, unlimited } from '../../../tests/support/unlimited.ts'
import { linkedPhone, type Phone } from './phone.ts'
import { type BotHouse, startBotHouse } from './support.ts'
import { givenThree } from './three.ts'

/** Three people are signed up and linked in each test, which takes its time on a busy machine. */
jest.setTimeout(180_000)

let bot: BotHouse
beforeAll(async () => {
  bot = await startBotHouse({
    ...unlimited,
    RATE_LIMIT_SIGN_UP: plenty,
    ACCESS_TOKEN_SECONDS: '900',
    APPROVAL_EXPIRY_CHECK_SECONDS: '1',
  })
})
afterAll(() => bot.stop())

const textsOf = async (phone: Phone, pattern: RegExp) =>
  (await phone.received()).map(({ text }) => text).filter((text) => pattern.test(text))

describe('large spending', () => {
  const spend = (person: Person, account_id: string, amount: string, description: string) =>
    person.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id, amount, currency: 'EUR', description },
    })

  test('is told to the other grown-ups who see the account, once, and small spending is not', async () => {
    const { owner, adult, member, phones, account: household } = await givenThree(bot)
    await spend(adult, household.id, '99.99', 'shoes')
    await spend(member, household.id, '100.00', 'boots')
    await spend(adult, household.id, '400.00', 'coat')
    const notice = await phones.owner.see(/coat/)
    expect(notice.text).toBe('💸 adult spent 400.00 EUR · coat\nFrom: Household')
    expect(notice.buttons).toEqual([])
    await phones.adult.see(/member spent 100\.00 EUR · boots/)
    expect(await textsOf(phones.owner, /shoes/)).toEqual([])
    const savings = await givenAccount(owner, { name: 'Savings', kind: 'savings' })
    await owner.ledger.call('submitTransaction', {
      body: {
        type: 'transfer',
        account_id: household.id,
        to_account_id: savings.id,
        amount: '500.00',
        currency: 'EUR',
      },
    })
    const moved = await phones.adult.see(/moved/)
    expect(moved.text).toBe('💸 Olga moved 500.00 EUR\nFrom: Household\nTo: Savings')
    for (const phone of [phones.owner, phones.adult, phones.member])
      expect(await textsOf(phone, /coat/)).toHaveLength(phone === phones.owner ? 1 : 0)
    expect(await textsOf(phones.owner, /moved/)).toEqual([])
    expect(await textsOf(phones.member, /💸/)).toEqual([])
  })

  test('of an account that somebody does not see is not told to them', async () => {
    const { owner, adult, phones, account: household } = await givenThree(bot)
    const secret = await givenAccount(adult, {
      name: 'Surprise',
      visibility: 'private',
      opening_balance: '900.00',
    })
    await spend(adult, secret.id, '300.00', 'ring')
    await spend(adult, household.id, '300.00', 'cake') // the events of a family come one after the other
    await phones.owner.see(/cake/)
    expect(await textsOf(phones.owner, /ring|Surprise/)).toEqual([])
    expect(owner.role).toBe('owner')
  })
})

describe('a sign-in', () => {
  const login = (person: Person, userAgent: string) =>
    fetch(`${bot.house.urls.gateway}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': userAgent },
      body: JSON.stringify({ email: person.email, password: person.password }),
    })
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0'

  test('from a device that was not seen before is asked about; no ends every session but the chat', async () => {
    const { owner } = await givenFamily(bot.house)
    const phone = await linkedPhone(bot, owner)
    const session = (await (await login(owner, firefox)).json()) as { access_token: string }
    const card = await phone.see(/signed in as you/)
    expect(card.text).toMatch(
      /Browser: Firefox · Linux\nAddress: [\d.:a-f]+\nTime: .* UTC\n\nWas that you\?$/,
    )
    await phone.tap(card, 'sign out everywhere')
    const after = await phone.seeChanged(card, /every sign-in but this chat has ended/)
    expect(after.buttons).toEqual([])
    const me = async () =>
      (
        await fetch(`${bot.house.urls.gateway}/api/v1/auth/me`, {
          headers: { authorization: `Bearer ${session.access_token}` },
        })
      ).status
    await eventually(me, (status) => status === 401, 60_000)
    await phone.write('/balance')
    await phone.see(/no open account|no account/)
  })

  test('that was one’s own is left alone, and is not asked about again', async () => {
    const { owner } = await givenFamily(bot.house)
    const phone = await linkedPhone(bot, owner)
    await login(owner, 'curl/8.5.0')
    const card = await phone.see(/signed in as you/)
    expect(card.text).toContain('Program: curl')
    await phone.tap(card, 'that was me')
    await phone.seeChanged(card, /Nothing was changed/)
    expect((await owner.auth.call('getMe')).user.id).toBe(owner.userId)
    await login(owner, 'curl/8.5.0')
    await login(owner, 'wget/1.0')
    await phone.see(/Program: wget/)
    expect(await textsOf(phone, /signed in as you/)).toHaveLength(2)
  })

  test('is nobody else’s to end: a stranger’s tap and a tap elsewhere do nothing', async () => {
    const { owner } = await givenFamily(bot.house)
    const phone = await linkedPhone(bot, owner)
    await login(owner, firefox)
    const card = await phone.see(/signed in as you/)
    const { data } = card.buttons.find(({ text }) => text.includes('everywhere'))!
    const outsider = await linkedPhone(bot, (await givenFamily(bot.house)).owner)
    for (const [from, chat] of [
      [outsider.id, phone.id],
      [outsider.id, outsider.id],
      [phone.id, -7],
    ])
      await bot.send('sendCallback', {
        data: data!,
        from: { id: from, first_name: 'X' },
        message: {
          message_id: card.id,
          text: 'x',
          chat: { id: chat, type: chat! < 0 ? 'group' : 'private' },
        },
      })
    await outsider.write('/help')
    await outsider.see(/\/balance/)
    expect((await owner.auth.call('getMe')).user.id).toBe(owner.userId)
  })

  test('a changed password is told', async () => {
    const { owner } = await givenFamily(bot.house)
    const phone = await linkedPhone(bot, owner)
    await owner.auth.call('changePassword', {
      body: { current_password: owner.password, new_password: 'another correct horse battery' },
    })
    await phone.see(/Your password was changed \(.* UTC\)/)
  })
})

describe('a link that was cut', () => {
  test('on the web is told once, and nothing of the person is kept or told any more', async () => {
    const { owner, people } = await givenFamily(bot.house, ['adult', 'member'])
    const phone = await linkedPhone(bot, owner)
    const other = await linkedPhone(bot, people['adult']!)
    const account = await givenAccount(owner, { name: 'Household', opening_balance: '5000.00' })
    await phone.write('/balance')
    await phone.see(/Household/)
    await owner.auth.call('unlinkTelegram')
    await phone.see(/not linked to your account any more/)
    await eventually(
      () => bot.redis.exists(`${bot.house.env['REDIS_PREFIX']}bot:session:${phone.id}`),
      (count) => count === 0,
      60_000,
    )
    await people['member']!.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: account.id, amount: '250.00', currency: 'EUR' },
    })
    await other.see(/asks for approval/)
    expect(await textsOf(phone, /asks for approval/)).toEqual([])
    expect(await textsOf(phone, /not linked to your account/)).toHaveLength(1)
    await phone.write('/balance')
    await phone.see(/do not know who you are/)
  })
})

describe('waiting that ends by itself', () => {
  async function longAgo(id: string) {
    const admin = new pg.Client({ connectionString: bot.house.database.adminUrl })
    await admin.connect()
    await admin.query(`UPDATE ledger.transactions SET expires_at = now() WHERE id = $1`, [id])
    await admin.end()
  }
  test('closes the cards and is told to whoever asked', async () => {
    const { owner, people } = await givenFamily(bot.house, ['member'])
    await owner.ledger.call('putApprovalPolicy', { body: { thresholds: [], expiry_seconds: 60 } })
    const account = await givenAccount(owner, { name: 'Household', opening_balance: '5000.00' })
    const [asked, author] = [await linkedPhone(bot, owner), await linkedPhone(bot, people['member']!)]
    const { id } = await people['member']!.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: account.id,
        amount: '250.00',
        currency: 'EUR',
        description: 'bike',
      },
    })
    const card = await asked.see(/asks for approval/)
    await longAgo(id!)
    const closed = await asked.seeChanged(card, /Nobody approved in time/)
    expect(closed.buttons).toEqual([])
    await author.see(/Nobody approved it in time[^]*250\.00 EUR · bike/)
  })
})
