import { randomUUID } from 'node:crypto'
import type { RunningSession } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  credentialsOf,
  givenMember,
  givenOwner,
  type Person,
  refused,
  startAuthHouse,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const login = ({ email, password }: Person) => auth.api.call('login', { body: { email, password } })
const list = (by: Pick<Person, 'credentials'>, query: Record<string, string> = {}) =>
  auth.api.call('listSessions', { query, credentials: by.credentials })
const end = (by: Pick<Person, 'credentials'>, id: string, idempotencyKey?: string) =>
  auth.api.call('endSession', {
    params: { id },
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const isRunning = async (id: string) =>
  (await auth.rows('SELECT 1 FROM auth.sessions WHERE id = $1 AND ended_at IS NULL', [id])).length === 1

describe('one’s own sessions', () => {
  test('newest first, with where they were made; the one that asks is marked', async () => {
    const owner = await givenOwner(auth)
    const there = await auth
      .apiFrom('198.51.100.7')
      .call('login', { body: { email: owner.email, password: owner.password } })
    const { items, next_cursor } = await list(owner)
    expect(next_cursor).toBeNull()
    expect(items.map(({ id, current, ip, client }) => ({ id, current, ip, client }))).toEqual([
      { id: there.session_id, current: false, ip: '198.51.100.7', client: 'api' },
      {
        id: owner.session.session_id,
        current: true,
        ip: expect.stringContaining('127.0.0.1'),
        client: 'api',
      },
    ])
    const [{ created_at, last_seen_at, expires_at, user_agent }] = items as [RunningSession]
    expect(last_seen_at).toBe(created_at)
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(2_592_000_000)
    expect(user_agent).toBe('node')
  })

  test('page by page, each once', async () => {
    const owner = await givenOwner(auth)
    const sessions = [owner.session, await login(owner), await login(owner), await login(owner)]
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list(owner, { limit: '3', ...(cursor ? { cursor } : {}) })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(sessions.map(({ session_id }) => session_id).toReversed())
  })

  test('without those that were ended or are past; refreshing is being seen', async () => {
    const owner = await givenOwner(auth)
    const [ended, past] = [await login(owner), await login(owner)]
    await end(owner, ended.session_id)
    await auth.rows('UPDATE auth.sessions SET expires_at = now() WHERE id = $1', [past.session_id])
    await auth.rows(
      `UPDATE auth.sessions SET created_at = created_at - interval '1 hour', last_seen_at = last_seen_at - interval '1 hour'
       WHERE id = $1`,
      [owner.session.session_id],
    )
    await auth.api.call('refreshToken', { body: { refresh_token: owner.session.refresh_token } })
    const { items } = await list(owner)
    expect(items.map(({ id }) => id)).toEqual([owner.session.session_id])
    expect(Date.parse(items[0]!.last_seen_at)).toBeGreaterThan(Date.parse(items[0]!.created_at) + 3_000_000)
  })

  test('needs a token; a made-up cursor, limit or user is named', async () => {
    const owner = await givenOwner(auth)
    await refused(list({ credentials: {} }), 'unauthenticated')
    for (const query of [{ cursor: 'abc' }, { limit: '0' }, { user_id: 'x' }]) {
      const { problem } = await refused(list(owner, query), 'invalid_request')
      expect(problem.errors[0]!.field).toBe(Object.keys(query)[0])
    }
  })
})

describe('a member’s sessions', () => {
  test('are seen by an owner, those that work in this family alone', async () => {
    const owner = await givenOwner(auth)
    const child = await givenMember(auth, owner, 'child')
    const elsewhere = await givenOwner(auth, 'Ben')
    const { token } = await auth.api.call('createInvitation', {
      params: { id: elsewhere.session.family.id },
      body: { role: 'child' },
      credentials: elsewhere.credentials,
    })
    await auth.api.call('acceptInvitation', { body: { token }, credentials: child.credentials })
    const other = await login(child)
    await auth.api.call('refreshToken', {
      body: { refresh_token: other.refresh_token, family_id: elsewhere.session.family.id },
    })
    const query = { user_id: child.session.user.id }
    const { items } = await list(owner, query)
    expect(items.map(({ id, current }) => [id, current])).toEqual([[child.session.session_id, false]])
    expect((await list(elsewhere, query)).items.map(({ id }) => id)).toEqual([other.session_id])
    expect((await list(child, query)).items).toHaveLength(2) // all of one’s own
  })

  test.each(['adult', 'member', 'child', 'read_only'] as const)('not by role %s', async (role) => {
    const owner = await givenOwner(auth)
    const person = await givenMember(auth, owner, role)
    const { problem } = await refused(list(person, { user_id: owner.session.user.id }), 'permission_denied')
    expect(problem.detail).toMatch(/session\.revoke\.any.*owner/)
  })

  test('a stranger is not found, by owners and others', async () => {
    const owner = await givenOwner(auth)
    const child = await givenMember(auth, owner, 'child')
    const stranger = await givenOwner(auth, 'Eve')
    for (const user_id of [stranger.session.user.id, randomUUID()])
      for (const person of [owner, child]) await refused(list(person, { user_id }), 'not_found')
  })
})

describe('ending a session', () => {
  test('of one’s own: its tokens are over, and its end says who did it', async () => {
    const owner = await givenOwner(auth)
    const other = await login(owner)
    await end(owner, other.session_id, 'end-once')
    await refused(auth.api.call('getMe', { credentials: credentialsOf(other) }), 'token_revoked')
    await refused(
      auth.api.call('refreshToken', { body: { refresh_token: other.refresh_token } }),
      'refresh_token_invalid',
    )
    const event = (await auth.events('entity_id', other.session_id)).at(-1)
    expect(event).toMatchObject({
      type: 'auth.session.ended.v1',
      familyid: owner.session.family.id,
      actorid: owner.session.user.id,
      sessionid: owner.session.session_id,
      data: { version: 2, new_values: { session_id: other.session_id, cause: 'revoked' } },
    })
    const events = await auth.countEvents()
    await end(owner, other.session_id, 'end-once')
    await refused(end(owner, other.session_id), 'not_found')
    expect(await auth.countEvents()).toBe(events)
  })

  test('of a member: by an owner, in the family that it works in', async () => {
    const owner = await givenOwner(auth)
    const child = await givenMember(auth, owner, 'child')
    await end(owner, child.session.session_id)
    expect(await isRunning(child.session.session_id)).toBe(false)
    expect((await auth.events('entity_id', child.session.session_id)).at(-1)).toMatchObject({
      familyid: owner.session.family.id,
      actorid: owner.session.user.id,
      data: { new_values: { user_id: child.session.user.id, cause: 'revoked' } },
    })
  })

  test.each(['adult', 'member', 'child', 'read_only'] as const)(
    'of an owner, not by role %s',
    async (role) => {
      const owner = await givenOwner(auth)
      const person = await givenMember(auth, owner, role)
      const events = await auth.countEvents()
      const { problem } = await refused(end(person, owner.session.session_id), 'permission_denied')
      expect(problem.detail).toMatch(/session\.revoke\.any.*owner/)
      expect(await isRunning(owner.session.session_id)).toBe(true)
      expect(await auth.countEvents()).toBe(events)
    },
  )

  test('that is somebody else’s, does not exist or is past is not found', async () => {
    const owner = await givenOwner(auth)
    const stranger = await givenOwner(auth, 'Eve')
    const past = await login(owner)
    await auth.rows('UPDATE auth.sessions SET expires_at = now() WHERE id = $1', [past.session_id])
    for (const id of [stranger.session.session_id, randomUUID(), 'x', past.session_id])
      await refused(end(owner, id), 'not_found')
    await refused(end({ credentials: {} }, owner.session.session_id), 'unauthenticated')
    expect(await isRunning(stranger.session.session_id)).toBe(true)
  })

  test('twenty at once end it once', async () => {
    const owner = await givenOwner(auth)
    const other = await login(owner)
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => end(owner, other.session_id)))
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await auth.events('entity_id', other.session_id)).toHaveLength(2)
  })
})
