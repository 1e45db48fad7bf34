import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuthHouse, credentialsOf, givenOwner, refused, startAuthHouse, typesOf } from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

describe('signing out', () => {
  const threeSessions = async () => {
    const { email, password, session } = await givenOwner(auth)
    const login = () => auth.api.call('login', { body: { email, password } })
    return [session, await login(), await login()] as const
  }
  const alive = async (sessions: readonly { session_id: string }[]) => {
    const rows = await auth.rows<{ id: string }>(
      'SELECT id FROM auth.sessions WHERE ended_at IS NULL AND id = ANY($1)',
      [sessions.map(({ session_id }) => session_id)],
    )
    return sessions.map(({ session_id }) => rows.some(({ id }) => id === session_id))
  }

  test.each([
    ['local', [false, true, true]],
    ['others', [true, false, false]],
    ['global', [false, false, false]],
  ] as const)('%s', async (scope, expected) => {
    const sessions = await threeSessions()
    await auth.api.call('logout', { body: { scope }, credentials: credentialsOf(sessions[0]) })
    expect(await alive(sessions)).toEqual(expected)
    for (const [index, session] of sessions.entries()) {
      const events = await auth.events('entity_id', session.session_id)
      expect(typesOf(events).includes('auth.session.ended.v1')).toBe(!expected[index])
      if (expected[index]) continue
      expect(events.at(-1)!.data.new_values).toMatchObject({
        session_id: session.session_id,
        cause: 'logout',
      })
      await refused(
        auth.api.call('refreshToken', { body: { refresh_token: session.refresh_token } }),
        'refresh_token_invalid',
      )
      await refused(auth.api.call('getMe', { credentials: credentialsOf(session) }), 'token_revoked')
    }
  })

  test('without a body is local; a repeat with the same key ends nothing twice', async () => {
    const [session, other] = await threeSessions()
    const answer = await auth.send('POST', '/api/v1/auth/logout', {
      headers: { authorization: `Bearer ${session.access_token}` },
    })
    expect(answer.status).toBe(204)
    expect(await alive([session, other])).toEqual([false, true])
    const idempotencyKey = 'others-once'
    const call = () =>
      auth.api.call('logout', {
        body: { scope: 'others' },
        credentials: credentialsOf(other),
        idempotencyKey,
      })
    await call()
    const later = await auth.rows('SELECT count(*)::int AS n FROM auth.outbox')
    await call()
    expect(await auth.rows('SELECT count(*)::int AS n FROM auth.outbox')).toEqual(later)
  })

  test('needs a token, and a scope that exists', async () => {
    await refused(auth.api.call('logout', { body: {}, credentials: {} }), 'unauthenticated')
    const { credentials } = await givenOwner(auth)
    const { problem } = await refused(
      auth.api.call('logout', { body: { scope: 'all' as 'global' }, credentials }),
      'invalid_request',
    )
    expect(problem.errors[0]!.field).toBe('scope')
  })
})
