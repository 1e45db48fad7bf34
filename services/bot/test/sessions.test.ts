import { randomBytes, randomInt } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type Family, givenFamily } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { findFreePort } from '../../../tools/launcher/free-port.ts'
import { type Api, createApi } from '../src/api.ts'
import { type Memory, openMemory } from '../src/memory.ts'
import { createSessionStore, type SessionStore } from '../src/session-store.ts'
import { createTokenBox } from '../src/token-box.ts'

const MINUTE_MS = 60_000
/** Shortly before an access token of 15 minutes ends. */
const LATER_MS = 14.5 * MINUTE_MS

let house: House
let family: Family
let database: pg.Client
let redis: Redis
let memory: Memory
let api: Api
let telegramId: string
const keys = new Map([['v1', randomBytes(32).toString('base64url')]])
const prefix = `t${randomBytes(4).toString('hex')}:`

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'gateway'] })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  redis = new Redis(house.env['REDIS_URL']!)
  memory = await openMemory(house.env['REDIS_URL']!, prefix, createLogger('test', 'silent'))
  api = createApi({ API_URL: house.urls.gateway, BOT_CLIENT_SECRET: house.env['BOT_CLIENT_SECRET']! })
}, 30_000)
afterAll(async () => {
  memory.stop()
  redis.disconnect()
  await database.end()
  await house.stop()
})
beforeEach(async () => {
  family = await givenFamily(house)
  telegramId = String(randomInt(1e9, 1e12))
  const body = { telegram_id: telegramId, chat_id: telegramId }
  const { code } = await api.own('startTelegramBinding', { body })
  await family.owner.auth.call('confirmTelegramBinding', { body: { code } })
})

/** The sessions as one replica keeps them, some time from now. */
const replica = (laterMs = 0, how: { api?: Api; keys?: Map<string, string> } = {}): SessionStore =>
  createSessionStore({
    api: how.api ?? api,
    memory,
    box: createTokenBox(how.keys ?? keys),
    now: () => Date.now() + laterMs,
  })

const countOf = async (sql: string): Promise<number> =>
  (
    (await database.query(`SELECT count(*)::int AS n FROM ${sql}`, [family.owner.userId])).rows[0] as {
      n: number
    }
  ).n
const sessions = () => countOf(`auth.sessions WHERE user_id = $1 AND client = 'bot'`)
const refreshes = () =>
  countOf(
    `auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id WHERE s.user_id = $1 AND s.client = 'bot'`,
  )
const alarms = () =>
  countOf(`auth.outbox WHERE subject LIKE '%reuse_detected%' AND payload::text LIKE '%' || $1 || '%'`)

/** An API whose refreshes go as told. */
const withRefresh = (refresh: (real: () => Promise<unknown>) => Promise<unknown>): Api => ({
  as: (...call) => api.as(...call),
  own: ((id: string, input: never) =>
    id === 'refreshToken'
      ? refresh(() => api.own(id as never, input))
      : api.own(id as never, input)) as Api['own'],
})

describe('tokens', () => {
  test('are kept while they last, and refreshed once before they end, by whichever replicas', async () => {
    const first = await replica().open(telegramId)
    expect(await replica().open(telegramId)).toEqual(first)
    const opened = await Promise.all(Array.from({ length: 12 }, () => replica(LATER_MS).open(telegramId)))
    expect(new Set(opened.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(await refreshes()).toBe(2)
    expect([await sessions(), await alarms()]).toEqual([1, 0])
    for (const session of opened)
      expect(await api.as(session, 'getMe')).toMatchObject({ user: { id: first.userId } })
  })

  test('whose refresh was answered to nobody are not sent again: another session, and no alarm', async () => {
    const first = await replica().open(telegramId)
    const lost = withRefresh(async (real) => {
      await real()
      throw new Error('killed')
    })
    const before = await refreshes()
    // The access token of the old session is still good, and is used for as long as it is.
    expect((await replica(LATER_MS, { api: lost }).open(telegramId)).accessToken).toBe(first.accessToken)
    expect(await refreshes()).toBe(before + 1)
    const next = await replica(LATER_MS).open(telegramId)
    expect(next.accessToken).not.toBe(first.accessToken)
    expect([await sessions(), await alarms()]).toEqual([2, 0])
  })

  test('that could not be sent anywhere are used when the gateway is back', async () => {
    await replica().open(telegramId)
    const nobody = `http://127.0.0.1:${await findFreePort()}`
    const away = createApi({ API_URL: nobody, BOT_CLIENT_SECRET: house.env['BOT_CLIENT_SECRET']! })
    const ended = 20 * MINUTE_MS
    await expect(replica(ended, { api: away }).open(telegramId)).rejects.toMatchObject({
      code: 'upstream_unavailable',
    })
    await replica(ended).open(telegramId)
    expect([await sessions(), await alarms()]).toEqual([1, 0])
  }, 30_000)

  test('of a session that was ended are replaced, for all who notice it', async () => {
    const store = replica()
    const first = await store.open(telegramId)
    await family.owner.auth.call('logout', { body: { scope: 'others' } })
    const names = await Promise.all(
      Array.from({ length: 5 }, () =>
        store.use(telegramId, async (session) => (await api.as(session, 'getMe')).user.display_name),
      ),
    )
    expect(names).toEqual(Array(5).fill('Olga'))
    expect((await store.open(telegramId)).accessToken).not.toBe(first.accessToken)
    expect(await alarms()).toBe(0)
  })

  test('of who is not linked any more are gone with the link', async () => {
    const store = replica()
    await store.open(telegramId)
    await family.owner.auth.call('unlinkTelegram')
    const use = store.use(telegramId, (session) => api.as(session, 'getMe'))
    await expect(use).rejects.toMatchObject({ problem: { code: 'telegram_not_linked' } })
    expect(await redis.get(`${prefix}bot:session:${telegramId}`)).toBeNull()
  })
})

describe('the seal', () => {
  const sealed = () => redis.get(`${prefix}bot:session:${telegramId}`)

  test('of an older key opens, the next refresh uses the newest, and what is kept ends by itself', async () => {
    const first = await replica().open(telegramId)
    expect(await sealed()).toMatch(/^v1\./)
    const rotated = new Map([['v2', randomBytes(32).toString('base64url')], ...keys])
    expect((await replica(0, { keys: rotated }).open(telegramId)).accessToken).toBe(first.accessToken)
    await replica(LATER_MS, { keys: rotated }).open(telegramId)
    expect(await sealed()).toMatch(/^v2\./)
    expect(await sessions()).toBe(1)
    expect(await redis.ttl(`${prefix}bot:session:${telegramId}`)).toBeGreaterThan(86_400)
  })

  test('whose key is gone means a new session, and nothing to do for the person', async () => {
    await replica().open(telegramId)
    const others = new Map([['v2', randomBytes(32).toString('base64url')]])
    const session = await replica(0, { keys: others }).open(telegramId)
    expect(await api.as(session, 'getMe')).toMatchObject({ user: { display_name: 'Olga' } })
    expect(await sessions()).toBe(2)
  })

  test('of one person does not open for another', async () => {
    await replica().open(telegramId)
    const stranger = String(randomInt(1e9, 1e12))
    await redis.set(`${prefix}bot:session:${stranger}`, (await sealed())!)
    await expect(replica().open(stranger)).rejects.toMatchObject({ problem: { code: 'telegram_not_linked' } })
  })
})
