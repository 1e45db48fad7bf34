import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { givenLinkedFamily, type LinkedFamily } from './linked.ts'
import { type BotHouse, startBotHouse } from './support.ts'

/** What a machine that is busy with other tests may take. */
const BUSY_MS = 60_000

let bot: BotHouse
let all: LinkedFamily
beforeAll(async () => {
  bot = await startBotHouse()
  all = await givenLinkedFamily(bot, 'member')
  await givenAccount(all.owner, { name: 'Wallet', opening_balance: '1000.00' })
}, BUSY_MS)
afterAll(() => bot.stop())

/** Everything that the bot keeps, by its key. */
async function kept(): Promise<Map<string, string>> {
  const keys = await bot.redis.keys(`${bot.house.env['REDIS_PREFIX']}bot:*`)
  const read = async (key: string): Promise<string> => {
    const kind = await bot.redis.type(key)
    if (kind === 'string') return (await bot.redis.get(key)) ?? ''
    if (kind === 'hash') return JSON.stringify(await bot.redis.hgetall(key))
    if (kind === 'set') return (await bot.redis.smembers(key)).join(' ')
    return kind === 'zset' ? (await bot.redis.zrange(key, '0', '-1')).join(' ') : ''
  }
  return new Map(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)))
}

/** What opens something: tokens of any kind, signing keys, the bot's own. */
function secretsIn(text: string): string[] {
  // An access token has dots, which what is sealed has not: that may begin like one, or hold such letters, by chance.
  const shapes = [/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./g, /refresh_?token|access_?token|signing_?key|"secret"/gi]
  const own = ['BOT_CLIENT_SECRET', 'BOT_TOKEN_KEYS', 'SIGNATURE_MASTER_SECRETS'].map((name) =>
    bot.house.env[name]!.split(':').at(-1)!,
  )
  const found = [bot.botToken, ...own].filter((secret) => text.includes(secret))
  return [...found, ...shapes.flatMap((shape) => text.match(shape) ?? [])]
}

test(
  'a whole conversation leaves no secret in chats, buttons, logs or memory, and nothing that stays for ever',
  async () => {
    const { ann, ben } = all
    for (const text of ['/balance', '/list', '/pending', '/report', '/family', '/verify', '/help', '/start'])
      await ann.ask(text)
    const card = await ben.ask('250 bike')
    await ben.tap(card, 'Confirm')
    await ben.see(/waits for approval/)
    const asked = await eventually(
      () => ann.messages(),
      (messages) => messages.some(({ text }) => text.includes('asks for approval')),
      BUSY_MS,
    )
    await ann.tap(
      asked.findLast(({ text }) => text.includes('asks for approval'))!,
      'Approve',
    )
    await eventually(
      () => ben.messages(),
      (messages) => messages.some(({ text }) => /approved/i.test(text)),
      BUSY_MS,
    )
    await ann.ask('/undo')
    await ann.ask('3 tea')

    const memory = await kept()
    expect(memory.size).toBeGreaterThan(5)
    for (const [key, value] of memory) {
      // Keys of a moment may have gone since they were listed.
      expect([key, await bot.redis.ttl(key)]).not.toEqual([key, -1])
      expect([key, secretsIn(`${key} ${value}`)]).toEqual([key, []])
    }
    const said = JSON.stringify([await ann.messages(), await ben.messages()])
    expect(secretsIn(said)).toEqual([])
    expect(secretsIn(bot.logs.join(''))).toEqual([])
    for (const { data = '' } of [...(await ann.messages()), ...(await ben.messages())].flatMap(
      ({ buttons }) => buttons.flat(),
    ))
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64)
    // The sessions are there all the same, and open for the bot.
    expect([...memory.keys()].filter((key) => /:session:\d+$/.test(key))).toHaveLength(2)
  },
  3 * BUSY_MS,
)
