import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
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

/** From an address of its own, so that the tests do not count against each other. */
const loginFrom = (ip: string, email: string, password: string) =>
  auth.send('POST', '/api/v1/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': ip } })
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code

test('signs in with another session, and its start is an event', async () => {
  const { email, password, session: first } = await givenOwner(auth)
  const session = await auth.api.call('login', { body: { email: email.toUpperCase(), password } })
  expect(session.session_id).not.toBe(first.session_id)
  expect(session.family).toEqual(first.family)
  expect(typesOf(await auth.events('entity_id', session.session_id))).toEqual(['auth.session.started.v1'])
  const [user] = await auth.rows<{ last_login_at: Date }>(
    'SELECT last_login_at FROM auth.users WHERE email = $1',
    [email],
  )
  expect(user!.last_login_at.getTime()).toBeGreaterThan(Date.now() - 60_000)
})

test('says in the event whether address and program are new to this person', async () => {
  const { email, password, session } = await givenOwner(auth)
  const isNew = async (sessionId: string) =>
    (await auth.events('entity_id', sessionId))[0]!.data.new_values!['new_device']
  const loginWith = async (ip: string, userAgent: string) => {
    const headers = { 'x-forwarded-for': ip, 'user-agent': userAgent }
    const answer = await auth.send('POST', '/api/v1/auth/login', { body: { email, password }, headers })
    return await isNew(((await answer.json()) as { session_id: string }).session_id)
  }
  expect(await isNew(session.session_id)).toBe(false) // the first of all
  expect(await loginWith('198.51.100.7', 'one')).toBe(true)
  expect(await loginWith('198.51.100.7', 'one')).toBe(false)
  expect(await loginWith('198.51.100.8', 'one')).toBe(true)
  expect(await loginWith('198.51.100.7', 'two')).toBe(true)
  expect(await loginWith('198.51.100.8', 'two')).toBe(false)
})

test('an unknown address and a wrong password get the very same answer', async () => {
  const { email } = await givenOwner(auth)
  const answers = await Promise.all(
    [email, newEmail()].map(async (address, index) => {
      const answer = await loginFrom(`192.0.2.${index}`, address, 'not the password')
      const { request_id: _, trace_id: __, ...problem } = (await answer.json()) as Record<string, unknown>
      return { status: answer.status, problem }
    }),
  )
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]).toMatchObject({ status: 401, problem: { code: 'credentials_invalid' } })
})

test.each([
  ['email', { email: 'x', password: 'y' }],
  ['password', { email: newEmail() }],
])('names the field for a wrong %s', async (field, body) => {
  const answer = await auth.send('POST', '/api/v1/auth/login', { body })
  expect(answer.status).toBe(400)
  expect(((await answer.json()) as { errors: { field: string }[] }).errors[0]!.field).toBe(field)
})

describe('guessing', () => {
  test('five wrong passwords of one account, then nobody gets in for a while, from wherever', async () => {
    const { email, password } = await givenOwner(auth)
    const startedAt = performance.now()
    for (let guess = 1; guess <= 5; guess++) {
      const answer = await loginFrom(`198.51.100.${guess}`, email, `wrong ${guess}`)
      expect(await codeOf(answer)).toBe('credentials_invalid')
    }
    const answer = await loginFrom('198.51.100.99', email, password)
    expect(answer.status).toBe(429)
    const wait = Number(answer.headers.get('retry-after'))
    const passed = (performance.now() - startedAt) / 1000
    expect(wait).toBeGreaterThanOrEqual(Math.floor(300 - passed))
    expect(wait).toBeLessThanOrEqual(300)
    expect(await codeOf(answer)).toBe('rate_limited')
    // The window passes: refused attempts did not lengthen it.
    await auth.rows(`UPDATE auth.login_failures SET at = at - interval '301 seconds'`)
    expect((await loginFrom('198.51.100.99', email, password)).status).toBe(200)
  })

  test('thirty guesses at once: five are answered, the others are refused', async () => {
    const { email } = await givenOwner(auth)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, guess) => loginFrom(`203.0.113.${guess}`, email, `wrong ${guess}`)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(25)
  })

  test('an account that does not exist is limited like one that does', async () => {
    const email = newEmail()
    const answers: number[] = []
    for (let guess = 1; guess <= 6; guess++)
      answers.push((await loginFrom('192.0.2.77', email, 'wrong')).status)
    expect(answers).toEqual([401, 401, 401, 401, 401, 429])
  })
})

describe('an owner at home', () => {
  const guessFromElsewhere = async (email: string) => {
    const answers: number[] = []
    for (let guess = 1; guess <= 6; guess++)
      answers.push((await loginFrom(`198.51.100.${guess}`, email, `wrong ${guess}`)).status)
    return answers
  }

  test('gets in while somebody guesses elsewhere, and is limited there by own mistakes alone', async () => {
    const { email, password } = await givenOwner(auth)
    expect((await loginFrom('203.0.113.50', email, password)).status).toBe(200)
    expect(await guessFromElsewhere(email)).toEqual([401, 401, 401, 401, 401, 429])
    expect((await loginFrom('203.0.113.50', email, password)).status).toBe(200)
    expect((await loginFrom('198.51.100.99', email, password)).status).toBe(429)
    const atHome: number[] = []
    for (let guess = 1; guess <= 6; guess++)
      atHome.push((await loginFrom('203.0.113.50', email, 'mistyped')).status)
    expect(atHome).toEqual([401, 401, 401, 401, 401, 429])
  })

  test('is known by the /64 of an IPv6 address', async () => {
    const { email, password } = await givenOwner(auth)
    expect((await loginFrom('2001:db8:7:7::1', email, password)).status).toBe(200)
    await guessFromElsewhere(email)
    expect((await loginFrom('2001:db8:7:7:ffff::2', email, password)).status).toBe(200)
    expect((await loginFrom('2001:db8:7:8::1', email, password)).status).toBe(429)
  })

  test('is not known any more by a sign-in of long ago, and never by the bot’s', async () => {
    const { email, password, session } = await givenOwner(auth)
    const set = (change: string) =>
      auth.rows(`UPDATE auth.sessions SET ${change} WHERE user_id = $1`, [session.user.id])
    await set(`address_key = '203.0.113.60', created_at = now() - interval '89 days'`)
    await guessFromElsewhere(email)
    const home = () => loginFrom('203.0.113.60', email, password)
    expect((await home()).status).toBe(200)
    await set(`created_at = now() - interval '91 days'`)
    expect((await home()).status).toBe(429)
    await set(`created_at = now(), client = 'bot'`)
    expect((await home()).status).toBe(429)
  })
})

describe('guessing from one address', () => {
  test('counts over all accounts, IPv6 by its /64', async () => {
    const limited = await startAuthHouse({ LOGIN_FAILURES_ADDRESS: '3/300' })
    try {
      const attempt = async (ip: string) =>
        (
          await limited.send('POST', '/api/v1/auth/login', {
            body: { email: newEmail(), password: 'wrong' },
            headers: { 'x-forwarded-for': ip },
          })
        ).status
      const answers: number[] = []
      for (const host of ['::1', '::2', '::3', '::4']) answers.push(await attempt(`2001:db8:1:1${host}`))
      expect(answers).toEqual([401, 401, 401, 429])
      expect(await attempt('2001:db8:1:2::1')).toBe(401)
    } finally {
      await limited.stop()
    }
  })
})

test('fifty right sign-ins at once are all let in', async () => {
  const { email, password } = await givenOwner(auth)
  const sessions = await Promise.all(
    Array.from({ length: 50 }, () => auth.api.call('login', { body: { email, password } })),
  )
  expect(new Set(sessions.map(({ session_id }) => session_id)).size).toBe(50)
}, 90_000)

test('me: the user, the families and what the role allows', async () => {
  const owner = await givenOwner(auth)
  const child = await givenMember(auth, owner, 'child')
  const me = await auth.api.call('getMe', { credentials: child.credentials })
  expect(me).toMatchObject({
    user: child.session.user,
    session_id: child.session.session_id,
    family: { id: owner.session.family.id, role: 'child' },
    families: [{ id: owner.session.family.id, role: 'child' }],
    telegram: null,
  })
  expect(me.permissions).toContain('transaction.create.own')
  expect(me.permissions).not.toContain('transaction.approve')
  await refused(auth.api.call('getMe', { credentials: {} }), 'unauthenticated')
})

test('the matrix of permissions is for who is signed in', async () => {
  const { credentials } = await givenOwner(auth)
  const { permissions } = await auth.api.call('getPermissions', { credentials })
  expect(permissions.find(({ permission }) => permission === 'account.update')!.roles).toEqual({
    owner: 'all',
    adult: 'all',
    member: 'own',
    child: 'none',
    read_only: 'none',
  })
  await refused(auth.api.call('getPermissions', { credentials: {} }), 'unauthenticated')
})
