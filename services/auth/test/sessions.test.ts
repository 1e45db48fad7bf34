import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  credentialsOf,
  givenMember,
  givenOwner,
  newEmail,
  refused,
  startAuthHouse,
  typesOf,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const refresh = (refresh_token: string, family_id?: string) =>
  auth.api.call('refreshToken', { body: { refresh_token, ...(family_id ? { family_id } : {}) } })
const longAgo = (sessionId: string) =>
  auth.rows(
    `UPDATE auth.refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE session_id = $1`,
    [sessionId],
  )

describe('refreshing', () => {
  test('rotates the token, keeps the session and its signing key, and is an event', async () => {
    const { session } = await givenOwner(auth)
    const next = await refresh(session.refresh_token)
    expect(next.refresh_token).not.toBe(session.refresh_token)
    expect(next.session_id).toBe(session.session_id)
    expect(next.signing_key).toEqual(session.signing_key)
    expect((await auth.api.call('getMe', { credentials: credentialsOf(next) })).user).toEqual(session.user)
    const events = await auth.events('entity_id', session.session_id)
    expect(typesOf(events)).toEqual(['auth.session.started.v1', 'auth.session.refreshed.v1'])
    expect(events.map(({ data }) => data.version)).toEqual([1, 2])
  })

  test('does not lengthen the thirty days', async () => {
    const { session } = await givenOwner(auth)
    await auth.rows(`UPDATE auth.sessions SET expires_at = now() + interval '100 seconds' WHERE id = $1`, [
      session.session_id,
    ])
    const next = await refresh(session.refresh_token)
    expect(next.refresh_expires_in).toBeLessThanOrEqual(100)
    expect(next.expires_in).toBeLessThanOrEqual(100)
    await auth.rows(`UPDATE auth.sessions SET expires_at = now() WHERE id = $1`, [session.session_id])
    await refused(refresh(next.refresh_token), 'refresh_token_invalid')
  })

  test('in no family is refused, and uses nothing up', async () => {
    const { session } = await givenOwner(auth)
    const away = (removedAt: string) =>
      auth.rows(`UPDATE auth.family_members SET removed_at = ${removedAt} WHERE user_id = $1`, [
        session.user.id,
      ])
    await away('now()')
    await refused(refresh(session.refresh_token), 'refresh_token_invalid')
    await longAgo(session.session_id)
    await away('NULL')
    expect((await refresh(session.refresh_token)).session_id).toBe(session.session_id)
  })

  test('twenty at once, and one more a moment later, get one successor', async () => {
    const { session } = await givenOwner(auth)
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(session.refresh_token)))
    answers.push(await refresh(session.refresh_token))
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1)
    expect(typesOf(await auth.events('entity_id', session.session_id))).toEqual([
      'auth.session.started.v1',
      'auth.session.refreshed.v1',
    ])
    await refresh(answers[0]!.refresh_token)
  })

  test('a used token that comes back later ends the session for both who have it', async () => {
    const { session } = await givenOwner(auth)
    const next = await refresh(session.refresh_token)
    await longAgo(session.session_id)
    await refused(refresh(session.refresh_token), 'refresh_token_reused')
    await refused(refresh(next.refresh_token), 'refresh_token_invalid')
    await refused(refresh(session.refresh_token), 'refresh_token_invalid')
    await refused(auth.api.call('getMe', { credentials: credentialsOf(next) }), 'token_revoked')
    const events = await auth.events('entity_id', session.session_id)
    expect(typesOf(events).slice(2)).toEqual(['auth.session.reuse_detected.v1', 'auth.session.ended.v1'])
    expect(events.map(({ data }) => data.version)).toEqual([1, 2, 3, 4])
    expect(events[3]!.data.new_values).toEqual({
      session_id: session.session_id,
      user_id: session.user.id,
      family_id: session.family.id,
      cause: 'refresh_token_reused',
    })
  })

  test.each(['made-up', 'x'])('a token that was never given out, %s, opens nothing', async (token) => {
    await refused(refresh(token), 'refresh_token_invalid')
  })

  test('an access token is none', async () => {
    const { session } = await givenOwner(auth)
    await refused(refresh(session.access_token.slice(0, 256)), 'refresh_token_invalid')
  })

  test('switches to another family of the user, and to no others', async () => {
    const stranger = await givenOwner(auth, 'Eve')
    const host = await givenOwner(auth, 'Ben')
    const person = await givenOwner(auth, 'Ann')
    const { token } = await auth.api.call('createInvitation', {
      params: { id: host.session.family.id },
      body: { role: 'adult' },
      credentials: host.credentials,
    })
    await auth.api.call('acceptInvitation', { body: { token }, credentials: person.credentials })
    await refused(refresh(person.session.refresh_token, stranger.session.family.id), 'not_found')
    const there = await refresh(person.session.refresh_token, host.session.family.id)
    expect(there.family).toEqual({ ...host.session.family, role: 'adult' })
    const staying = await refresh(there.refresh_token)
    expect(staying.family.id).toBe(host.session.family.id)
    const [moved] = (await auth.events('entity_id', person.session.session_id)).slice(1)
    expect(moved).toMatchObject({
      familyid: host.session.family.id,
      data: {
        old_values: { family_id: person.session.family.id },
        new_values: { family_id: host.session.family.id },
      },
    })
  })

  test('moves to a family that is left when one was removed from the session’s own', async () => {
    const host = await givenOwner(auth, 'Ben')
    const person = await givenOwner(auth, 'Ann')
    const { token } = await auth.api.call('createInvitation', {
      params: { id: host.session.family.id },
      body: { role: 'adult' },
      credentials: host.credentials,
    })
    await auth.api.call('acceptInvitation', { body: { token }, credentials: person.credentials })
    const there = await refresh(person.session.refresh_token, host.session.family.id)
    await auth.rows(
      'UPDATE auth.family_members SET removed_at = now() WHERE family_id = $1 AND user_id = $2',
      [host.session.family.id, person.session.user.id],
    )
    await refused(refresh(there.refresh_token, host.session.family.id), 'not_found')
    const back = await refresh(there.refresh_token)
    expect(back.family).toEqual(person.session.family)
    expect((await auth.api.call('getMe', { credentials: credentialsOf(back) })).family.id).toBe(
      back.family.id,
    )
    const events = await auth.events('entity_id', person.session.session_id)
    expect(events.at(-1)).toMatchObject({
      familyid: person.session.family.id,
      data: { old_values: { family_id: host.session.family.id } },
    })
  })

  test('names a field that is missing', async () => {
    const answer = await auth.send('POST', '/api/v1/auth/token/refresh', { body: {} })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { errors: { field: string }[] }).errors[0]!.field).toBe('refresh_token')
  })
})

describe('an access token', () => {
  test('of somebody who is not a member any more opens nothing', async () => {
    const owner = await givenOwner(auth)
    const member = await givenMember(auth, owner, 'member')
    await auth.rows('UPDATE auth.family_members SET removed_at = now() WHERE user_id = $1', [
      member.session.user.id,
    ])
    await refused(auth.api.call('getMe', { credentials: member.credentials }), 'token_revoked')
    await refused(refresh(member.session.refresh_token), 'refresh_token_invalid')
  })

  test('that is a refresh token, is tampered with or comes from elsewhere is not valid', async () => {
    const { session } = await givenOwner(auth)
    const [header, , signature] = session.access_token.split('.')
    const claims = Buffer.from(JSON.stringify({ sub: session.user.id, role: 'owner' })).toString('base64url')
    for (const accessToken of [session.refresh_token, `${header}.${claims}.${signature}`, 'a.b.c'])
      await refused(auth.api.call('getMe', { credentials: { accessToken } }), 'token_invalid')
  })
})

test('nothing of a refused sign-in is left but its failure', async () => {
  const before = await auth.rows('SELECT count(*)::int AS n FROM auth.sessions')
  await refused(
    auth.api.call('login', { body: { email: newEmail(), password: 'wrong' } }),
    'credentials_invalid',
  )
  expect(await auth.rows('SELECT count(*)::int AS n FROM auth.sessions')).toEqual(before)
})
