import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLogger } from '@common-purse/kit/logger'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenFamily, type Person } from '../../../tests/support/given.ts'
import { loadConfig } from '../src/config.ts'
import { startBot } from '../src/start.ts'
import { type BotHouse, type Chat, codeToLink, startBotHouse } from './support.ts'

let bot: BotHouse
let family: Family
let ann: Chat
let ben: Chat
beforeAll(async () => {
  bot = await startBotHouse({ ANCHOR_SECONDS: '1', TRAIL_MESSAGE_SECONDS: '1' })
  family = await givenFamily(bot.house, ['owner'])
  ann = bot.chat(111)
  ben = bot.chat(222)
}, 30_000)
afterAll(() => bot.stop())

const link = async (chat: Chat, person: Person) => {
  const code = await codeToLink(chat)
  await person.auth.call('confirmTelegramBinding', { body: { code } })
  await chat.see(/this chat is linked|The trail of/)
}

/** The heads that a person was told, oldest first. */
const toldTo = async (chat: Chat) => {
  const texts = (await chat.messages()).map(({ text }) =>
    /trail of “The Tests”: (\d+) entr\w+, head (\d+):([0-9a-f]{16})\n/.exec(text),
  )
  return texts.flatMap((match) =>
    match ? [{ entries: Number(match[1]), seq: Number(match[2]), digits: match[3]! }] : [],
  )
}

const grow = (name: string) => family.owner.ledger.call('createCategory', { body: { name } })

/** Waits until an owner was told of the whole trail as it is now; nothing else happens in this family. */
const toldAll = (chat: Chat, longerThan = 0) =>
  eventually(
    async () => {
      const [told, head] = [await toldTo(chat), await family.owner.audit.call('getAuditHead')]
      return { told, head }
    },
    ({ told, head }) => head.seq > longerThan && told.at(-1)?.seq === head.seq,
    20_000,
  )

test('an owner who has linked Telegram is told where the trail ends, and again only when it grew', async () => {
  await link(ann, family.owner)
  const first = await toldAll(ann)
  expect(first.told.at(-1)).toMatchObject({
    entries: first.head.seq,
    digits: first.head.hash.slice(0, 16),
  })
  await grow('Food')
  const { told } = await toldAll(ann, first.head.seq)
  const seqs = told.map(({ seq }) => seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
})

test('two bots tell it once', async () => {
  const env = {
    ...bot.house.env,
    API_URL: bot.gateway.url,
    REDIS_URL: bot.memory.url,
    TELEGRAM_BOT_TOKEN: bot.botToken,
    TELEGRAM_API_ROOT: bot.emulator.apiRoot,
  }
  const other = await startBot(loadConfig(env), createLogger('bot', 'silent'))
  try {
    for (const name of ['Rent', 'Fuel', 'Toys']) {
      const { seq: before } = await family.owner.audit.call('getAuditHead')
      await grow(name)
      const seqs = (await toldAll(ann, before)).told.map(({ seq }) => seq)
      expect(seqs).toEqual([...new Set(seqs)])
    }
  } finally {
    await other.stop()
  }
})

test('who is no owner any more is not told what comes then, while another owner is', async () => {
  const second = family.people['owner2']!
  await link(ben, second)
  const params = { id: family.id, user_id: family.owner.userId }
  await second.auth.call('updateMember', { params, body: { role: 'member' } })
  const due = () => bot.redis.zrange(`${bot.house.env['REDIS_PREFIX']}bot:trail-due`, '0', '-1')
  const onlySecond = [`${family.id} ${second.userId}`]
  await eventually(due, (places) => places.join() === onlySecond.join())
  // A member's use of the bot does not put them back.
  expect((await ann.ask('/balance')).text).not.toBe('')
  expect(await due()).toEqual(onlySecond)
  const { id } = await second.ledger.call('createCategory', { body: { name: 'Gifts' } })
  const { items } = await eventually(
    () => second.audit.call('listAuditEvents', { query: { entity_id: id } }),
    (page) => page.items.length > 0,
  )
  const gifts = items[0]!.seq
  await eventually(
    () => toldTo(ben),
    (told) => told.some(({ seq }) => seq >= gifts),
    20_000,
  )
  expect((await toldTo(ann)).filter(({ seq }) => seq >= gifts)).toEqual([])
})
