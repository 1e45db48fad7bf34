import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import {
  type AuthHouse,
  credentialsOf,
  givenOwner,
  type Person,
  refused,
  startAuthHouse,
  typesOf,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const newTelegramId = () => String(randomInt(1e9, 1e12))
const start = (telegram_id: string) =>
  auth.api.call('startTelegramBinding', {
    body: { telegram_id, chat_id: telegram_id, username: 'ann', first_name: 'Ann', language: 'en' },
    credentials: auth.bot,
  })
const look = (by: Person, code: string) =>
  auth.api.call('getTelegramBinding', { params: { code }, credentials: by.credentials })
const confirm = (by: Person, code: string, idempotencyKey?: string) =>
  auth.api.call('confirmTelegramBinding', {
    body: { code },
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const authenticate = (telegram_id: string) =>
  auth.api.call('authenticateTelegram', { body: { telegram_id }, credentials: auth.bot })

describe('linking a Telegram account', () => {
  test('start, look, confirm, sign in', async () => {
    const telegramId = newTelegramId()
    const person = await givenOwner(auth)
    await refused(authenticate(telegramId), 'telegram_not_linked')
    const { code, link, expires_in } = await start(telegramId)
    expect(link).toBe(`http://127.0.0.1:8000/link?code=${code}`)
    expect(expires_in).toBe(600)
    expect(await look(person, code)).toMatchObject({
      telegram_id: telegramId,
      username: 'ann',
      first_name: 'Ann',
    })
    expect(await confirm(person, code)).toMatchObject({ telegram_id: telegramId, username: 'ann' })

    const session = await authenticate(telegramId)
    expect(session.user).toEqual(person.session.user)
    const me = await auth.api.call('getMe', { credentials: credentialsOf(session) })
    expect(me.telegram).toEqual({ telegram_id: telegramId, username: 'ann' })
    expect(await auth.rows('SELECT client FROM auth.sessions WHERE id = $1', [session.session_id])).toEqual([
      { client: 'bot' },
    ])
    const again = await authenticate(telegramId)
    expect(again.session_id).not.toBe(session.session_id)
    await auth.api.call('getMe', { credentials: credentialsOf(session) }) // the earlier one goes on
  })

  test('is two events, the first with the time of the start, and keeps no code', async () => {
    const telegramId = newTelegramId()
    const person = await givenOwner(auth)
    const { code } = await start(telegramId)
    expect(await auth.events('entity_id', telegramId)).toEqual([]) // nobody's family yet
    await confirm(person, code)
    const [started, bound] = await auth.events('entity_id', telegramId)
    expect(started).toMatchObject({
      type: 'auth.telegram.bind_started.v1',
      client: 'bot',
      data: { version: 1 },
    })
    expect(bound).toMatchObject({
      type: 'auth.telegram.bound.v1',
      familyid: person.session.family.id,
      data: {
        version: 2,
        new_values: {
          telegram_id: telegramId,
          username: 'ann',
          user_id: person.session.user.id,
          chat_id: telegramId,
          language: 'en',
        },
      },
    })
    expect(Date.parse(started!.time)).toBeLessThanOrEqual(Date.parse(bound!.time))
    const [row] = await auth.rows<{ everything: string }>(
      `SELECT (SELECT json_agg(b) FROM auth.telegram_bindings b)::text || (SELECT json_agg(o) FROM auth.outbox o)::text
         AS everything`,
    )
    expect(row!.everything).not.toContain(code)
  })

  test('a code works once, and the other codes of that account end with it', async () => {
    const telegramId = newTelegramId()
    const [person, other] = [await givenOwner(auth), await givenOwner(auth, 'Ben')]
    const [first, second] = [await start(telegramId), await start(telegramId)]
    await confirm(person, first.code)
    await refused(confirm(other, first.code), 'code_expired')
    await refused(confirm(other, second.code), 'code_expired')
    await refused(look(other, second.code), 'code_expired')
    await refused(start(telegramId), 'telegram_taken')
  })

  test('ten confirmations at once, by two people: one links', async () => {
    const telegramId = newTelegramId()
    const people = [await givenOwner(auth), await givenOwner(auth, 'Ben')]
    const { code } = await start(telegramId)
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => confirm(people[n % 2]!, code)),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(typesOf(await auth.events('entity_id', telegramId))).toHaveLength(2)
  })

  test('two people with ten codes of one account at once: one links, and nobody is told of a deadlock', async () => {
    const telegramId = newTelegramId()
    const people = [await givenOwner(auth), await givenOwner(auth, 'Ben')]
    const codes = await Promise.all(Array.from({ length: 10 }, () => start(telegramId)))
    const answers = await Promise.allSettled(codes.map(({ code }, n) => confirm(people[n % 2]!, code)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const expected = { problem: { code: expect.stringMatching(/^(code_expired|telegram_taken)$/) } }
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject(expected)
    expect(typesOf(await auth.events('entity_id', telegramId))).toHaveLength(2)
  })

  test('a repeat with the same key gets the same answer', async () => {
    const person = await givenOwner(auth)
    const { code } = await start(newTelegramId())
    expect(await confirm(person, code, 'link-once')).toEqual(await confirm(person, code, 'link-once'))
  })

  test('one user has one Telegram account', async () => {
    const person = await givenOwner(auth)
    await confirm(person, (await start(newTelegramId())).code)
    const second = await start(newTelegramId())
    await refused(confirm(person, second.code), 'telegram_taken')
    expect((await look(person, second.code)).username).toBe('ann') // the code was not used up
  })

  test('ends after ten minutes', async () => {
    const telegramId = newTelegramId()
    const person = await givenOwner(auth)
    const { code } = await start(telegramId)
    await auth.rows(`UPDATE auth.telegram_bindings SET expires_at = now() WHERE telegram_id = $1`, [
      telegramId,
    ])
    await refused(look(person, code), 'code_expired')
    await refused(confirm(person, code), 'code_expired')
    await refused(authenticate(telegramId), 'telegram_not_linked')
  })

  test('a code that was made up is not found, one that cannot be is named; both need a token', async () => {
    const person = await givenOwner(auth)
    await refused(look(person, 'a'.repeat(32)), 'not_found')
    await refused(confirm(person, 'a'.repeat(32)), 'not_found')
    await refused(look(person, 'short'), 'not_found')
    const { problem } = await refused(confirm(person, 'short'), 'invalid_request')
    expect(problem.errors[0]!.field).toBe('code')
    await refused(look({ ...person, credentials: {} }, 'a'.repeat(32)), 'unauthenticated')
    await refused(confirm({ ...person, credentials: {} }, 'a'.repeat(32)), 'unauthenticated')
  })
})

describe('unlinking', () => {
  const unlink = (person: Person) => auth.api.call('unlinkTelegram', { credentials: person.credentials })

  test('ends what was signed in through Telegram, tells the chat, and frees the account', async () => {
    const [ann, ben] = [await givenOwner(auth), await givenOwner(auth)]
    const telegramId = newTelegramId()
    await confirm(ann, (await start(telegramId)).code)
    const bots = await authenticate(telegramId)
    await unlink(ann)
    const [unbound] = (await auth.events('entity_id', telegramId)).slice(-1)
    expect(unbound).toMatchObject({
      type: 'auth.telegram.unbound.v1',
      data: { version: 3, old_values: { user_id: ann.session.user.id }, new_values: { user_id: null } },
    })
    expect(unbound!.data.new_values).toHaveProperty('chat_id')
    expect((await auth.events('entity_id', bots.session_id)).at(-1)).toMatchObject({
      type: 'auth.session.ended.v1',
      data: { new_values: { cause: 'telegram_unlinked' } },
    })
    const asBot = { accessToken: bots.access_token, signingKey: bots.signing_key }
    await refused(auth.api.call('getMe', { credentials: asBot }), 'token_revoked')
    await refused(authenticate(telegramId), 'telegram_not_linked')
    // The session that unlinked goes on.
    const me = await auth.api.call('getMe', { credentials: ann.credentials })
    expect(me.telegram).toBeNull()
    await confirm(ben, (await start(telegramId)).code)
    expect((await authenticate(telegramId)).user.id).toBe(ben.session.user.id)
  })

  test('and signing in at the same moment do not wait for each other, even without a family', async () => {
    const ann = await givenOwner(auth)
    const telegramId = newTelegramId()
    await confirm(ann, (await start(telegramId)).code)
    const userId = ann.session.user.id
    await auth.rows('UPDATE auth.family_members SET removed_at = now() WHERE user_id = $1', [userId])
    // What unlinking does, with a pause between its two locks.
    const unlinking = new pg.Client({ connectionString: auth.house.database.adminUrl })
    await unlinking.connect()
    await unlinking.query('BEGIN')
    await unlinking.query('SELECT 1 FROM auth.users WHERE id = $1 FOR NO KEY UPDATE', [userId])
    const signingIn = refused(authenticate(telegramId), 'telegram_not_linked')
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await eventually(
      () => auth.rows(waiting),
      (rows) => rows.length === 1,
    )
    await unlinking.query('UPDATE auth.telegram_identities SET user_id = NULL WHERE user_id = $1', [userId])
    await unlinking.query('COMMIT')
    await unlinking.end()
    await signingIn
  })

  test('nothing is not found', async () => {
    await refused(unlink(await givenOwner(auth)), 'not_found')
  })
})
