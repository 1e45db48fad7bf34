import { randomBytes } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadConfig } from '../src/config.ts'
import { startAuth } from '../src/start.ts'
import { givenOwner, refused } from './auth-house.ts'
import { codeOf, startTwoStepsHouse, type TwoStepsHouse, wrongCodeOf } from './two-steps.ts'

let auth: TwoStepsHouse
beforeAll(async () => {
  auth = await startTwoStepsHouse()
})
afterAll(() => auth.stop())

describe('turning two-step sign-in on', () => {
  test('a secret, a code of it, ten recovery codes; an event that shows none of them', async () => {
    const owner = await givenOwner(auth)
    const { secret, otpauth_uri } = await auth.enroll(owner)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const uri = new URL(otpauth_uri)
    expect(uri.searchParams.get('secret')).toBe(secret)
    expect(uri.searchParams.get('issuer')).toBe('Common Purse')
    expect(decodeURIComponent(uri.pathname)).toContain(owner.email)
    expect(await auth.isEnabled(owner)).toBe(false)
    await auth.login(owner) // nothing counts yet
    const { recovery_codes } = await auth.verify(owner, codeOf(secret))
    expect(new Set(recovery_codes).size).toBe(10)
    for (const code of recovery_codes) expect(code).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    expect(await auth.isEnabled(owner)).toBe(true)
    const [event] = (await auth.events('entity_id', owner.session.user.id)).slice(1)
    expect(event).toMatchObject({
      type: 'auth.user.totp_enabled.v1',
      actorid: owner.session.user.id,
      data: { entity_type: 'user', version: 2, new_values: { user_id: owner.session.user.id } },
    })
  })

  test('neither the secret nor the codes are anywhere in the database as they are', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await auth.enroll(owner, {}, 'enroll-once')
    const { recovery_codes } = await auth.verify(owner, codeOf(secret), 'verify-once')
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
    const first = await auth.enroll(owner, {}, 'enroll-twice')
    expect(await auth.enroll(owner, {}, 'enroll-twice')).toEqual(first)
    const code = codeOf(first.secret)
    const codes = await auth.verify(owner, code, 'verify-twice')
    const events = await auth.countEvents()
    expect(await auth.verify(owner, code, 'verify-twice')).toEqual(codes)
    expect(await auth.countEvents()).toBe(events)
  })

  test('enrolling again before a code was verified replaces the secret', async () => {
    const owner = await givenOwner(auth)
    const first = await auth.enroll(owner)
    const second = await auth.enroll(owner)
    expect(second.secret).not.toBe(first.secret)
    await refused(auth.verify(owner, codeOf(first.secret)), 'credentials_invalid')
    await auth.verify(owner, codeOf(second.secret))
  })

  test('is refused when it is on already, or before enrolling', async () => {
    const person = await auth.givenTwoSteps()
    const events = await auth.countEvents()
    await refused(auth.enroll(person), 'totp_already_enabled')
    await refused(auth.verify(person, codeOf(person.secret, 1)), 'totp_already_enabled')
    expect(await auth.countEvents()).toBe(events)
    await refused(auth.verify(await givenOwner(auth), '123456'), 'not_found')
  })

  test('wrong codes count like failed sign-ins; also many at once', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await auth.enroll(owner)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => auth.verify(owner, wrongCodeOf(secret))),
    )
    const codes = outcomes.map(
      (outcome) => (outcome as { reason: { problem: { code: string } } }).reason.problem.code,
    )
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(15)
    await refused(auth.verify(owner, codeOf(secret)), 'rate_limited')
    expect(await auth.isEnabled(owner)).toBe(false)
  })

  test('needs a token, and six digits', async () => {
    const owner = await givenOwner(auth)
    await refused(auth.enroll({ credentials: {} }), 'unauthenticated')
    await refused(auth.verify({ credentials: {} }, '123456'), 'unauthenticated')
    await refused(auth.disable({ credentials: {} }), 'unauthenticated')
    for (const code of ['12345', '1234567', 'abcdef', '１２３４５６']) {
      const { problem } = await refused(auth.verify(owner, code), 'invalid_request')
      expect(problem.errors[0]!.field).toBe('code')
    }
  })
})

describe('enrolling in a session that was opened a while ago', () => {
  test('needs the password', async () => {
    const owner = await givenOwner(auth)
    await auth.makeOld(owner)
    const { problem } = await refused(auth.enroll(owner), 'credentials_invalid')
    expect(problem.detail).toMatch(/password/)
    await refused(auth.enroll(owner, { password: 'wrong' }), 'credentials_invalid')
    expect(
      await auth.rows('SELECT 1 FROM auth.totp_secrets WHERE user_id = $1', [owner.session.user.id]),
    ).toEqual([])
    await auth.enroll(owner, { password: owner.password })
  })
})

test('the secret is encrypted anew with the current master secret when it is used', async () => {
  const person = await auth.givenTwoSteps()
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
    await auth.forgetSteps(person)
    await auth.apiAt(rotated.url).call('login', { body: { email, password, totp: codeOf(person.secret) } })
  } finally {
    await rotated.stop()
  }
})
