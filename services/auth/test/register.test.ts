import { problems } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import {
  type AuthHouse,
  givenOwner,
  newEmail,
  newPassword,
  refused,
  startAuthHouse,
  typesOf,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const usersWith = async (email: string) =>
  (await auth.rows('SELECT 1 FROM auth.users WHERE email = $1', [email])).length

describe('registering with a new family', () => {
  test('answers a session of the owner and writes all of it with its events', async () => {
    const email = newEmail()
    const session = await auth.api.call('register', {
      body: {
        email: email.toUpperCase(),
        password: newPassword(),
        display_name: 'Ann',
        family_name: 'The Anns',
      },
    })
    expect(session).toMatchObject({
      token_type: 'Bearer',
      expires_in: 900,
      refresh_expires_in: 2_592_000,
      signing_key: { algorithm: 'hmac-sha256', key_id: `v1.${session.session_id}` },
      user: { email, display_name: 'Ann' },
      family: { name: 'The Anns', role: 'owner' },
    })
    const events = await auth.events('family_id', session.family.id)
    expect(typesOf(events)).toEqual([
      'auth.user.registered.v1',
      'auth.family.created.v1',
      'auth.member.joined.v1',
      'auth.session.started.v1',
    ])
    expect(
      events.every(
        ({ actorid, sessionid, client }) =>
          actorid === session.user.id && sessionid === session.session_id && client === 'api',
      ),
    ).toBe(true)
    expect(events[2]!.data).toEqual({
      entity_type: 'member',
      entity_id: `${session.family.id}:${session.user.id}`,
      version: 1,
      old_values: null,
      new_values: {
        family_id: session.family.id,
        user_id: session.user.id,
        display_name: 'Ann',
        role: 'owner',
      },
    })
  })

  test('answers an access token by RFC 9068 that the published keys verify', async () => {
    const { session } = await givenOwner(auth)
    const jwks = createRemoteJWKSet(new URL(`${auth.house.urls.auth}/.well-known/jwks.json`))
    const { payload } = await jwtVerify(session.access_token, jwks, {
      issuer: 'common-purse',
      audience: 'common-purse-api',
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    })
    expect(payload).toMatchObject({
      sub: session.user.id,
      sid: session.session_id,
      fam: session.family.id,
      role: 'owner',
      mver: 1,
      client: 'api',
    })
    expect(payload.exp! - payload.iat!).toBe(900)
    expect(typeof payload.jti).toBe('string')
    expect(decodeProtectedHeader(session.access_token).kid).toBeDefined()
  })

  test('keeps no token and no password, only hashes', async () => {
    const { session, password } = await givenOwner(auth)
    const [{ everything } = { everything: '' }] = await auth.rows<{ everything: string }>(
      `SELECT (SELECT json_agg(u) FROM auth.users u)::text || (SELECT json_agg(t) FROM auth.refresh_tokens t)::text
           || (SELECT json_agg(s) FROM auth.sessions s)::text || (SELECT json_agg(o) FROM auth.outbox o)::text AS everything`,
    )
    expect(everything).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
    for (const secret of [password, session.refresh_token, session.access_token, session.signing_key.secret])
      expect(everything).not.toContain(secret)
  })

  test('tells a browser by the headers that only browsers set', async () => {
    const body = { email: newEmail(), password: newPassword(), display_name: 'Ann', family_name: 'The Anns' }
    const answer = await auth.send('POST', '/api/v1/auth/register', {
      body,
      headers: { origin: 'http://127.0.0.1:8000', 'user-agent': 'Browser/1' },
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { session_id } = (await answer.json()) as { session_id: string }
    expect(
      await auth.rows('SELECT client, user_agent FROM auth.sessions WHERE id = $1', [session_id]),
    ).toEqual([{ client: 'web', user_agent: 'Browser/1' }])
  })
})

describe('a registration that is refused writes nothing', () => {
  test('for an address that is taken, whatever its case', async () => {
    const { email } = await givenOwner(auth)
    const body = {
      email: email.toUpperCase(),
      password: newPassword(),
      display_name: 'Eve',
      family_name: 'The Eves',
    }
    await refused(auth.api.call('register', { body }), 'email_taken')
    expect(await auth.rows('SELECT 1 FROM auth.families WHERE name = $1', ['The Eves'])).toEqual([])
  })

  test('twice at the same time: one of them is the user', async () => {
    const email = newEmail()
    const body = { email, password: newPassword(), display_name: 'Ann', family_name: 'The Anns' }
    const answers = await Promise.allSettled([1, 2, 3].map(() => auth.api.call('register', { body })))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await usersWith(email)).toBe(1)
  })

  test.each([
    'passwordpassword',
    '123456789012',
    'qwertyuiop123',
    'aaaaaaaaaaaaa',
    'Password1234!',
    'annannannann',
  ])('for the common password %s, and the field is named', async (password) => {
    const email = newEmail()
    const body = { email, password, display_name: 'Ann', family_name: 'The Anns' }
    const { problem } = await refused(auth.api.call('register', { body }), 'invalid_request')
    expect(problem.errors[0]!.field).toBe('password')
    expect(await usersWith(email)).toBe(0)
  })

  const good = { password: 'tall-Giraffe-7-reads', display_name: 'Ann', family_name: 'The Anns' }
  test.each([
    ['email', { ...good, email: 'no-address' }],
    ['password', { ...good, email: newEmail(), password: 'short' }],
    ['display_name', { ...good, email: newEmail(), display_name: ' ' }],
    ['family_name', { ...good, email: newEmail(), invitation_token: 'x' }],
    ['is_admin', { ...good, email: newEmail(), is_admin: true }],
  ])('for a wrong %s, and the field is named', async (field, body) => {
    const answer = await auth.send('POST', '/api/v1/auth/register', { body })
    expect(answer.status).toBe(problems.invalid_request.status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const { errors } = (await answer.json()) as { errors: { field: string }[] }
    expect(errors.map((error) => error.field)).toContain(field)
    expect(await usersWith(body.email)).toBe(0)
  })

  test('for an invitation that does not exist', async () => {
    const email = newEmail()
    const body = { email, password: newPassword(), display_name: 'Eve', invitation_token: 'nobody-made-this' }
    await refused(auth.api.call('register', { body }), 'not_found')
    expect(await usersWith(email)).toBe(0)
  })
})

test('the JWKS holds public parts only and may be kept for a minute', async () => {
  const answer = await auth.send('GET', '/.well-known/jwks.json')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
  const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] }
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0]!).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})
