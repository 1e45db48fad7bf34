import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openPool } from '@common-purse/kit/database'
import { createLogger } from '@common-purse/kit/logger'
import { cleanUp } from '../src/clean-up.ts'
import { loadConfig } from '../src/config.ts'
import { type AuthHouse, givenOwner, type Person, refused, startAuthHouse } from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

/** Two replicas at once, with the service's own role. */
async function clean(): Promise<void> {
  const env = { ...auth.house.env, DATABASE_URL: auth.house.database.urlOf('auth') }
  const pool = openPool(env.DATABASE_URL, createLogger('test', 'silent'))
  const config = loadConfig(env)
  await Promise.all([cleanUp(pool, config), cleanUp(pool, config)]).finally(() => pool.end())
}

const login = ({ email, password }: Person) => auth.api.call('login', { body: { email, password } })
const sessions = async () =>
  (await auth.rows<{ id: string }>('SELECT id FROM auth.sessions')).map(({ id }) => id)
const withTokens = async () =>
  (await auth.rows<{ id: string }>('SELECT DISTINCT session_id AS id FROM auth.refresh_tokens')).map(
    ({ id }) => id,
  )

test('sessions that are over lose their tokens after a day, and go when no address is known by them', async () => {
  const owner = await givenOwner(auth)
  const age = (id: string, column: 'ended_at' | 'expires_at', interval: string) =>
    auth.rows(`UPDATE auth.sessions SET ${column} = now() - $2::interval WHERE id = $1`, [id, interval])
  const [running, lately, ended, expired, longAgo] = [
    owner.session,
    await login(owner),
    await login(owner),
    await login(owner),
    await login(owner),
  ].map(({ session_id }) => session_id) as [string, string, string, string, string]
  await age(lately, 'ended_at', '23 hours')
  await age(ended, 'ended_at', '25 hours')
  await age(expired, 'expires_at', '25 hours')
  await age(longAgo, 'expires_at', '91 days')
  await clean()
  const [left, tokens] = [await sessions(), await withTokens()]
  expect([running, lately, ended, expired, longAgo].map((id) => left.includes(id))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ])
  expect([running, lately, ended, expired].map((id) => tokens.includes(id))).toEqual([
    true,
    true,
    false,
    false,
  ])
  await auth.api.call('refreshToken', { body: { refresh_token: owner.session.refresh_token } })
})

test('more than fit into one part', async () => {
  const owner = await givenOwner(auth)
  await auth.rows(
    `INSERT INTO auth.sessions (id, user_id, family_id, client, ip, created_at, last_seen_at, expires_at)
     SELECT gen_random_uuid(), $1, $2, 'api', '192.0.2.1', now(), now(), now() - interval '100 days'
     FROM generate_series(1, 2500)`,
    [owner.session.user.id, owner.session.family.id],
  )
  await clean()
  expect(
    await auth.rows('SELECT id FROM auth.sessions WHERE user_id = $1', [owner.session.user.id]),
  ).toHaveLength(1)
})

test('codes for Telegram a day after their end, failed sign-ins after their window', async () => {
  const bind = async (interval: string) => {
    const telegram_id = String(Math.floor(Math.random() * 1e12))
    await auth.api.call('startTelegramBinding', {
      body: { telegram_id, chat_id: telegram_id },
      credentials: auth.bot,
    })
    await auth.rows(
      'UPDATE auth.telegram_bindings SET expires_at = now() - $2::interval WHERE telegram_id = $1',
      [telegram_id, interval],
    )
    return telegram_id
  }
  const [kept, gone] = [await bind('1 hour'), await bind('25 hours')]
  await auth.rows(
    `INSERT INTO auth.login_failures (subject, at) VALUES ('old', now() - interval '301 s'), ('new', now())`,
  )
  await clean()
  const left = await auth.rows<{ telegram_id: string }>('SELECT telegram_id FROM auth.telegram_bindings')
  expect(left.map(({ telegram_id }) => telegram_id)).toContain(kept)
  expect(left.map(({ telegram_id }) => telegram_id)).not.toContain(gone)
  expect(await auth.rows(`SELECT subject FROM auth.login_failures WHERE subject IN ('old', 'new')`)).toEqual([
    { subject: 'new' },
  ])
})

test('a key older than a day was never used, cleared away or not', async () => {
  const owner = await givenOwner(auth)
  const invite = (role: 'child' | 'adult') =>
    auth.api.call('createInvitation', {
      params: { id: owner.session.family.id },
      body: { role },
      credentials: owner.credentials,
      idempotencyKey: 'for-a-day',
    })
  const makeOld = (interval: string) =>
    auth.rows(`UPDATE auth.idempotency_keys SET created_at = now() - $1::interval WHERE key = 'for-a-day'`, [
      interval,
    ])
  const keys = () => auth.rows(`SELECT 1 FROM auth.idempotency_keys WHERE key = 'for-a-day'`)
  const first = await invite('child')
  await makeOld('23 hours 59 minutes')
  await clean()
  await refused(invite('adult'), 'idempotency_key_reused')
  expect(await invite('child')).toEqual(first)
  await makeOld('24 hours 1 second')
  const second = await invite('adult')
  expect(second.id).not.toBe(first.id)
  expect(await invite('adult')).toEqual(second)
  await refused(invite('child'), 'idempotency_key_reused')
  expect(await keys()).toHaveLength(1)
  await makeOld('25 hours')
  await clean()
  expect(await keys()).toEqual([])
  expect((await invite('child')).id).not.toBe(first.id)
})

test('a refusal under an old key makes room for another answer too', async () => {
  const owner = await givenOwner(auth)
  const end = () =>
    auth.api.call('endSession', {
      params: { id },
      credentials: owner.credentials,
      idempotencyKey: 'refused-for-a-day',
    })
  const id = randomUUID()
  await refused(end(), 'not_found')
  await auth.rows(`UPDATE auth.idempotency_keys SET created_at = now() - interval '2 days'`)
  await refused(end(), 'not_found')
  expect(await auth.rows(`SELECT 1 FROM auth.idempotency_keys WHERE key = 'refused-for-a-day'`)).toHaveLength(
    1,
  )
})
