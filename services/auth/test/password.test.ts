import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  credentialsOf,
  givenMember,
  givenOwner,
  newPassword,
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

const login = ({ email }: Person, password: string) => auth.api.call('login', { body: { email, password } })
const change = (
  { credentials, password }: Person,
  next: string,
  more: { current?: string; idempotencyKey?: string } = {},
) =>
  auth.api.call('changePassword', {
    body: { current_password: more.current ?? password, new_password: next },
    credentials,
    ...(more.idempotencyKey ? { idempotencyKey: more.idempotencyKey } : {}),
  })
const hashOf = async ({ email }: Person) =>
  (
    await auth.rows<{ password_hash: string }>('SELECT password_hash FROM auth.users WHERE email = $1', [
      email,
    ])
  )[0]!.password_hash

describe('changing one’s password', () => {
  test('the new one opens, the old one does not; the other sessions end in their families', async () => {
    const owner = await givenOwner(auth)
    const other = await login(owner, owner.password)
    const next = newPassword()
    await change(owner, next)
    await refused(login(owner, owner.password), 'credentials_invalid')
    expect((await login(owner, next)).user.id).toBe(owner.session.user.id)
    await auth.api.call('getMe', { credentials: owner.credentials })
    await refused(auth.api.call('getMe', { credentials: credentialsOf(other) }), 'token_revoked')
    await refused(
      auth.api.call('refreshToken', { body: { refresh_token: other.refresh_token } }),
      'refresh_token_invalid',
    )
    await auth.api.call('refreshToken', { body: { refresh_token: owner.session.refresh_token } })
    const events = await auth.events('family_id', owner.session.family.id)
    const changed = events.find(({ type }) => type === 'auth.user.password_changed.v1')
    expect(changed).toMatchObject({
      actorid: owner.session.user.id,
      data: {
        entity_type: 'user',
        entity_id: owner.session.user.id,
        version: 2,
        old_values: null,
        new_values: { user_id: owner.session.user.id },
      },
    })
    expect((await auth.events('entity_id', other.session_id)).at(-1)).toMatchObject({
      type: 'auth.session.ended.v1',
      familyid: owner.session.family.id,
      data: { new_values: { session_id: other.session_id, cause: 'password_changed' } },
    })
  })

  test('a repeat with the same key is answered again and changes nothing; other bodies are refused', async () => {
    const owner = await givenOwner(auth)
    const next = newPassword()
    await change(owner, next, { idempotencyKey: 'change-once' })
    const [hash, events] = [await hashOf(owner), await auth.countEvents()]
    await change(owner, next, { idempotencyKey: 'change-once' })
    await refused(change(owner, newPassword(), { idempotencyKey: 'change-once' }), 'idempotency_key_reused')
    expect([await hashOf(owner), await auth.countEvents()]).toEqual([hash, events])
    await login(owner, next)
  })

  test('nothing that is stored lets the password be guessed quickly', async () => {
    const owner = await givenOwner(auth)
    const next = newPassword()
    await change(owner, next, { idempotencyKey: 'no-clues' })
    const [stored] = await auth.rows<{ fingerprint: string; body: unknown }>(
      `SELECT fingerprint, body FROM auth.idempotency_keys WHERE key = 'no-clues'`,
    )
    expect(stored!.body).toBeNull()
    const body = JSON.stringify({ current_password: owner.password, new_password: next })
    const { createHash } = await import('node:crypto')
    const plain = createHash('sha256')
      .update(`POST /api/v1/auth/password/change\n${owner.session.user.id}\n${body}`)
      .digest('hex')
    expect(stored!.fingerprint).toMatch(/^v1\./)
    expect(stored!.fingerprint).not.toContain(plain)
    const [all] = await auth.rows<{ text: string }>(`SELECT json_agg(o)::text AS text FROM auth.outbox o`)
    for (const secret of [owner.password, next, await hashOf(owner)]) expect(all!.text).not.toContain(secret)
  })
})

describe('is refused', () => {
  const untouched = async (owner: Person, work: () => Promise<unknown>) => {
    const other = await login(owner, owner.password)
    const before = [await hashOf(owner), await auth.countEvents()]
    await work()
    expect([await hashOf(owner), await auth.countEvents()]).toEqual(before)
    await auth.api.call('getMe', { credentials: credentialsOf(other) })
  }

  test('with a wrong current password, which counts like a failed sign-in: five, then a wait', async () => {
    const owner = await givenOwner(auth)
    await untouched(owner, async () => {
      for (let guess = 1; guess <= 5; guess++)
        await refused(change(owner, newPassword(), { current: `wrong ${guess}` }), 'credentials_invalid')
      const { retryAfter } = await refused(change(owner, newPassword()), 'rate_limited')
      expect(retryAfter).toBeGreaterThan(290)
      await refused(login(owner, owner.password), 'rate_limited')
    })
  })

  test.each([
    ['short', 'Ab3$efgh1jk'],
    ['common', 'password1234'],
    ['a walk over the keyboard', 'qwertyuiop12'],
  ])('%s: names new_password', async (_, next) => {
    const owner = await givenOwner(auth)
    await untouched(owner, async () => {
      const { problem } = await refused(change(owner, next), 'invalid_request')
      expect(problem.errors.map(({ field }) => field)).toEqual(['new_password'])
    })
  })

  test('the same as before, or made of one’s own name', async () => {
    const owner = await givenOwner(auth)
    await untouched(owner, async () => {
      for (const next of [owner.password, owner.email.slice(0, 36)]) {
        const { problem } = await refused(change(owner, next), 'invalid_request')
        expect(problem.errors[0]!.field).toBe('new_password')
      }
    })
  })

  test('without a token or a field', async () => {
    const owner = await givenOwner(auth)
    await refused(change({ ...owner, credentials: {} }, newPassword()), 'unauthenticated')
    const { problem } = await refused(
      auth.api.call('changePassword', {
        body: { new_password: newPassword() } as { current_password: string; new_password: string },
        credentials: owner.credentials,
      }),
      'invalid_request',
    )
    expect(problem.errors[0]!.field).toBe('current_password')
  })
})

describe('at the same time', () => {
  const running = async ({ session }: Person) =>
    (
      await auth.rows<{ id: string }>(
        'SELECT id FROM auth.sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id',
        [session.user.id],
      )
    ).map(({ id }) => id)

  test('sign-ins with the old password: none of their sessions is left', async () => {
    for (let round = 0; round < 3; round++) {
      const owner = await givenOwner(auth)
      const [, ...logins] = await Promise.allSettled([
        change(owner, newPassword()),
        ...Array.from({ length: 8 }, () => login(owner, owner.password)),
      ])
      expect(await running(owner)).toEqual([owner.session.session_id])
      for (const outcome of logins)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ problem: { status: expect.any(Number) } })
    }
  })

  test('refreshes of another session: it is over, whoever was first', async () => {
    const owner = await givenOwner(auth)
    const others = await Promise.all(Array.from({ length: 6 }, () => login(owner, owner.password)))
    const refresh = (refresh_token: string) => auth.api.call('refreshToken', { body: { refresh_token } })
    const [changed, ...refreshed] = await Promise.allSettled([
      change(owner, newPassword()),
      ...others.map(({ refresh_token }) => refresh(refresh_token)),
    ])
    expect(changed.status).toBe('fulfilled')
    expect(await running(owner)).toEqual([owner.session.session_id])
    for (const outcome of refreshed) {
      const problem = { problem: { code: 'refresh_token_invalid' } }
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(problem)
      else await refused(refresh(outcome.value.refresh_token), 'refresh_token_invalid')
    }
    for (const { session_id } of others) {
      const events = await auth.events('entity_id', session_id)
      expect(typesOf(events).filter((type) => type === 'auth.session.ended.v1')).toHaveLength(1)
      expect(events.map(({ data }) => data.version)).toEqual(events.map((_, index) => index + 1))
    }
  })

  test('two changes: one is done', async () => {
    const owner = await givenOwner(auth)
    const choices = [newPassword(), newPassword()]
    const outcomes = await Promise.allSettled(choices.map((next) => change(owner, next)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const done = outcomes.findIndex(({ status }) => status === 'fulfilled')
    await login(owner, choices[done]!)
    await refused(login(owner, choices[1 - done]!), 'credentials_invalid')
  })

  test('a change by a session that was ended while it waited is not done', async () => {
    const owner = await givenOwner(auth)
    const member = await givenMember(auth, owner, 'child')
    const outcomes = await Promise.allSettled([
      change(member, newPassword()),
      auth.api.call('endSession', {
        params: { id: member.session.session_id },
        credentials: owner.credentials,
      }),
    ])
    const events = typesOf(await auth.events('entity_id', member.session.user.id))
    expect(events.includes('auth.user.password_changed.v1')).toBe(outcomes[0].status === 'fulfilled')
    expect(await running(member)).toEqual([])
  })
})
