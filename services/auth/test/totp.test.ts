import { randomBytes } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Secret, TOTP } from 'otpauth'
import { loadConfig } from '../src/config.ts'
import { startAuth } from '../src/start.ts'
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

interface Proof {
  password?: string
  totp?: string
}
const enroll = (by: Pick<Person, 'credentials'>, body: Proof = {}, idempotencyKey?: string) =>
  auth.api.call('enrollTotp', {
    body,
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const verify = (by: Pick<Person, 'credentials'>, code: string, idempotencyKey?: string) =>
  auth.api.call('verifyTotp', {
    body: { code },
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const disable = (by: Pick<Person, 'credentials'>, body: Proof = {}, idempotencyKey?: string) =>
  auth.api.call('disableTotp', {
    body,
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const login = ({ email, password }: Person, totp?: string) =>
  auth.api.call('login', { body: { email, password, ...(totp === undefined ? {} : { totp }) } })

/** What an authenticator shows now, or so many steps of 30 seconds later. */
const codeOf = (secret: string, stepsLater = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsLater * 30_000 })
const wrongCodeOf = (secret: string) => {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code))!
}

/** Somebody with two-step sign-in; the codes of now and before are used. */
async function givenTwoSteps() {
  const owner = await givenOwner(auth)
  const { secret } = await enroll(owner)
  const usedCode = codeOf(secret)
  const { recovery_codes: recoveryCodes } = await verify(owner, usedCode)
  return { ...owner, secret, usedCode, recoveryCodes }
}
const isEnabled = async ({ credentials }: Person) =>
  (await auth.api.call('getMe', { credentials })).totp_enabled
const makeOld = ({ session }: Person) =>
  auth.rows(`UPDATE auth.sessions SET created_at = created_at - interval '601 seconds' WHERE id = $1`, [
    session.session_id,
  ])
/** As if time had passed: the codes of now may be used again. */
const forgetSteps = ({ session }: Person) =>
  auth.rows('UPDATE auth.totp_secrets SET last_step = 0 WHERE user_id = $1', [session.user.id])
const startedBy = async (sessionId: string) =>
  (await auth.events('entity_id', sessionId))[0]!.data.new_values!['second_factor']

describe('turning two-step sign-in on', () => {
  test('a secret, a code of it, ten recovery codes; an event that shows none of them', async () => {
    const owner = await givenOwner(auth)
    const { secret, otpauth_uri } = await enroll(owner)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const uri = new URL(otpauth_uri)
    expect(uri.searchParams.get('secret')).toBe(secret)
    expect(uri.searchParams.get('issuer')).toBe('Common Purse')
    expect(decodeURIComponent(uri.pathname)).toContain(owner.email)
    expect(await isEnabled(owner)).toBe(false)
    await login(owner) // nothing counts yet
    const { recovery_codes } = await verify(owner, codeOf(secret))
    expect(new Set(recovery_codes).size).toBe(10)
    for (const code of recovery_codes) expect(code).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    expect(await isEnabled(owner)).toBe(true)
    const [event] = (await auth.events('entity_id', owner.session.user.id)).slice(1)
    expect(event).toMatchObject({
      type: 'auth.user.totp_enabled.v1',
      actorid: owner.session.user.id,
      data: { entity_type: 'user', version: 2, new_values: { user_id: owner.session.user.id } },
    })
  })

  test('neither the secret nor the codes are anywhere in the database as they are', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await enroll(owner, {}, 'enroll-once')
    const { recovery_codes } = await verify(owner, codeOf(secret), 'verify-once')
    const [row] = await auth.rows<{ everything: string }>(
      `SELECT (SELECT json_agg(t) FROM auth.totp_secrets t)::text || (SELECT json_agg(r) FROM auth.recovery_codes r)::text
           || (SELECT json_agg(o) FROM auth.outbox o)::text || (SELECT json_agg(k) FROM auth.idempotency_keys k)::text
           AS everything`,
    )
    expect(row!.everything).toContain(owner.session.user.id)
    for (const hidden of [
      secret,
      ...recovery_codes,
      ...recovery_codes.map((code) => code.replaceAll('-', '')),
    ])
      expect(row!.everything).not.toContain(hidden)
  })

  test('repeats with the same keys show the same, and change nothing', async () => {
    const owner = await givenOwner(auth)
    const first = await enroll(owner, {}, 'enroll-twice')
    expect(await enroll(owner, {}, 'enroll-twice')).toEqual(first)
    const code = codeOf(first.secret)
    const codes = await verify(owner, code, 'verify-twice')
    const events = await auth.countEvents()
    expect(await verify(owner, code, 'verify-twice')).toEqual(codes)
    expect(await auth.countEvents()).toBe(events)
  })

  test('enrolling again before a code was verified replaces the secret', async () => {
    const owner = await givenOwner(auth)
    const first = await enroll(owner)
    const second = await enroll(owner)
    expect(second.secret).not.toBe(first.secret)
    await refused(verify(owner, codeOf(first.secret)), 'credentials_invalid')
    await verify(owner, codeOf(second.secret))
  })

  test('is refused when it is on already, or before enrolling', async () => {
    const person = await givenTwoSteps()
    const events = await auth.countEvents()
    await refused(enroll(person), 'totp_already_enabled')
    await refused(verify(person, codeOf(person.secret, 1)), 'totp_already_enabled')
    expect(await auth.countEvents()).toBe(events)
    await refused(verify(await givenOwner(auth), '123456'), 'not_found')
  })

  test('wrong codes count like failed sign-ins; also many at once', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await enroll(owner)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => verify(owner, wrongCodeOf(secret))),
    )
    const codes = outcomes.map(
      (outcome) => (outcome as { reason: { problem: { code: string } } }).reason.problem.code,
    )
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(15)
    await refused(verify(owner, codeOf(secret)), 'rate_limited')
    expect(await isEnabled(owner)).toBe(false)
  })

  test('needs a token, and six digits', async () => {
    const owner = await givenOwner(auth)
    await refused(enroll({ credentials: {} }), 'unauthenticated')
    await refused(verify({ credentials: {} }, '123456'), 'unauthenticated')
    await refused(disable({ credentials: {} }), 'unauthenticated')
    for (const code of ['12345', '1234567', 'abcdef', '１２３４５６']) {
      const { problem } = await refused(verify(owner, code), 'invalid_request')
      expect(problem.errors[0]!.field).toBe('code')
    }
  })
})

describe('signing in with two steps', () => {
  test('without a code: told so, and it does not count as a failure', async () => {
    const person = await givenTwoSteps()
    for (let time = 1; time <= 8; time++) await refused(login(person), 'totp_required')
    const session = await login(person, codeOf(person.secret, 1))
    expect(await startedBy(session.session_id)).toBe('totp')
    await auth.api.call('getMe', { credentials: credentialsOf(session) })
  })

  test('with a wrong password: the same answer as for everybody, with a code or without', async () => {
    const person = await givenTwoSteps()
    const details = await Promise.all(
      [undefined, codeOf(person.secret, 1)].map(async (totp) => {
        const { problem } = await refused(
          login({ ...person, password: 'wrong' }, totp),
          'credentials_invalid',
        )
        return problem.detail
      }),
    )
    const { problem } = await refused(
      login({ ...person, email: `nobody-${person.email}` }),
      'credentials_invalid',
    )
    expect(details).toEqual([problem.detail, problem.detail])
    await login(person, codeOf(person.secret, 1)) // the code was not used up
  })

  test('with a code once: again, or older than the last one, it is refused', async () => {
    const person = await givenTwoSteps()
    await refused(login(person, person.usedCode), 'credentials_invalid') // it turned two steps on
    const next = codeOf(person.secret, 1)
    await login(person, next)
    await refused(login(person, next), 'credentials_invalid')
    await forgetSteps(person)
    await login(person, ` ${next.slice(0, 3)} ${next.slice(3)} `)
  })

  test('ten at once with one code: one comes in', async () => {
    const person = await givenTwoSteps()
    const code = codeOf(person.secret, 1)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => login(person, code)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('with a recovery code, each once, in any writing; the trail says so', async () => {
    const person = await givenTwoSteps()
    const [first, second, third] = person.recoveryCodes as [string, string, string]
    const session = await login(person, first)
    expect(await startedBy(session.session_id)).toBe('recovery_code')
    await refused(login(person, first), 'credentials_invalid')
    await login(person, second.toUpperCase().replaceAll('-', ' '))
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => login(person, third)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('thirty wrong codes at once: five are answered, the others are refused, and the right one waits', async () => {
    const person = await givenTwoSteps()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => login(person, wrongCodeOf(person.secret))),
    )
    const codes = outcomes.map(
      (outcome) => (outcome as { reason: { problem: { code: string } } }).reason.problem.code,
    )
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(25)
    await refused(login(person, codeOf(person.secret, 1)), 'rate_limited')
  })

  test('through Telegram goes without a code: the linked account is a factor of its own', async () => {
    const person = await givenTwoSteps()
    const telegram_id = String(BigInt(`0x${randomBytes(6).toString('hex')}`))
    const { code } = await auth.api.call('startTelegramBinding', {
      body: { telegram_id, chat_id: telegram_id },
      credentials: auth.bot,
    })
    await auth.api.call('confirmTelegramBinding', { body: { code }, credentials: person.credentials })
    const session = await auth.api.call('authenticateTelegram', {
      body: { telegram_id },
      credentials: auth.bot,
    })
    expect(await startedBy(session.session_id)).toBeNull()
    // But it does not prove who one is when two-step sign-in is to be turned off.
    const bot = { credentials: credentialsOf(session) }
    await refused(disable(bot), 'credentials_invalid')
    await refused(disable(bot, { password: person.password }), 'credentials_invalid')
    await disable(bot, { password: person.password, totp: codeOf(person.secret, 1) })
    expect(await isEnabled(person)).toBe(false)
  })
})

describe('turning it off', () => {
  test('signs in with the password alone again; sessions go on; an event', async () => {
    const person = await givenTwoSteps()
    const other = await login(person, codeOf(person.secret, 1))
    await disable(person, {}, 'disable-once')
    expect(await isEnabled(person)).toBe(false)
    expect(await startedBy((await login(person)).session_id)).toBeNull()
    await auth.api.call('getMe', { credentials: credentialsOf(other) })
    const events = await auth.events('entity_id', person.session.user.id)
    expect(typesOf(events).slice(1)).toEqual(['auth.user.totp_enabled.v1', 'auth.user.totp_disabled.v1'])
    expect(events.map(({ data }) => data.version)).toEqual([1, 2, 3])
    const count = await auth.countEvents()
    await disable(person, {}, 'disable-once')
    await refused(disable(person), 'not_found')
    expect(await auth.countEvents()).toBe(count)
    expect(
      await auth.rows('SELECT 1 FROM auth.recovery_codes WHERE user_id = $1', [person.session.user.id]),
    ).toEqual([])
    await enroll(person) // and it may be turned on anew
  })

  test('needs password and code when the session was opened a while ago', async () => {
    const person = await givenTwoSteps()
    await makeOld(person)
    const code = codeOf(person.secret, 1)
    for (const proof of [{}, { password: person.password }, { totp: code }]) {
      const { problem } = await refused(disable(person, proof), 'credentials_invalid')
      expect(problem.detail).toMatch(/password.*totp/)
    }
    await refused(disable(person, { password: 'wrong', totp: code }), 'credentials_invalid')
    await refused(
      disable(person, { password: person.password, totp: wrongCodeOf(person.secret) }),
      'credentials_invalid',
    )
    expect(await isEnabled(person)).toBe(true)
    const proof = { password: person.password, totp: code }
    await disable(person, proof, 'proven-once')
    await disable(person, proof, 'proven-once')
    expect(await isEnabled(person)).toBe(false)
  })

  test('takes a recovery code as well, which is used up', async () => {
    const person = await givenTwoSteps()
    await makeOld(person)
    await disable(person, { password: person.password, totp: person.recoveryCodes[0]! })
    expect(await isEnabled(person)).toBe(false)
  })

  test('what is missing does not count as a failure, what is wrong does', async () => {
    const person = await givenTwoSteps()
    await makeOld(person)
    for (let time = 1; time <= 6; time++) await refused(disable(person), 'credentials_invalid')
    for (let guess = 1; guess <= 5; guess++)
      await refused(
        disable(person, { password: person.password, totp: wrongCodeOf(person.secret) }),
        'credentials_invalid',
      )
    await refused(
      disable(person, { password: person.password, totp: codeOf(person.secret, 1) }),
      'rate_limited',
    )
    expect(await isEnabled(person)).toBe(true)
  })
})

describe('enrolling in a session that was opened a while ago', () => {
  test('needs the password', async () => {
    const owner = await givenOwner(auth)
    await makeOld(owner)
    const { problem } = await refused(enroll(owner), 'credentials_invalid')
    expect(problem.detail).toMatch(/password/)
    await refused(enroll(owner, { password: 'wrong' }), 'credentials_invalid')
    expect(
      await auth.rows('SELECT 1 FROM auth.totp_secrets WHERE user_id = $1', [owner.session.user.id]),
    ).toEqual([])
    await enroll(owner, { password: owner.password })
  })
})

test('the secret is encrypted anew with the current master secret when it is used', async () => {
  const person = await givenTwoSteps()
  const { env, database } = auth.house
  const rotated = await startAuth(
    loadConfig({
      ...env,
      DATABASE_URL: database.urlOf('auth'),
      SIGNATURE_MASTER_SECRETS: `v2:${randomBytes(32).toString('base64url')},${env['SIGNATURE_MASTER_SECRETS']}`,
    }),
    createLogger('auth', 'silent'),
  )
  try {
    const sealed = async () =>
      (
        await auth.rows<{ secret: string }>('SELECT secret FROM auth.totp_secrets WHERE user_id = $1', [
          person.session.user.id,
        ])
      )[0]!.secret
    expect(await sealed()).toMatch(/^v1\./)
    const { email, password } = person
    await auth.apiAt(rotated.url).call('login', { body: { email, password, totp: codeOf(person.secret, 1) } })
    expect(await sealed()).toMatch(/^v2\./)
    await forgetSteps(person)
    await auth.apiAt(rotated.url).call('login', { body: { email, password, totp: codeOf(person.secret) } })
  } finally {
    await rotated.stop()
  }
})
