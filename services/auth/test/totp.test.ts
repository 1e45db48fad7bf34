import { randomBytes } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadConfig } from '../src/config.ts'
import { startAuth } from '../src/start.ts'
import { type AuthHouse, givenOwner, refused, startAuthHouse } from './auth-house.ts'
import { codeOf, wrongCodeOf, twoStepsAt } from './two-steps.ts'

let auth: AuthHouse
let steps: ReturnType<typeof twoStepsAt>
beforeAll(async () => {
  auth = await startAuthHouse()
  steps = twoStepsAt(auth)
})
afterAll(() => auth.stop())

describe('turning two-step sign-in on', () => {
  test('a secret, a code of it, ten recovery codes; an event that shows none of them', async () => {
    const owner = await givenOwner(auth)
    const { secret, otpauth_uri } = await steps.enroll(owner)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const uri = new URL(otpauth_uri)
    expect(uri.searchParams.get('secret')).toBe(secret)
    expect(uri.searchParams.get('issuer')).toBe('Common Purse')
    expect(decodeURIComponent(uri.pathname)).toContain(owner.email)
    expect(await steps.isEnabled(owner)).toBe(false)
    await steps.login(owner) // nothing counts yet
    const { recovery_codes } = await steps.verify(owner, codeOf(secret))
    expect(new Set(recovery_codes).size).toBe(10)
    for (const code of recovery_codes) expect(code).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/)
    expect(await steps.isEnabled(owner)).toBe(true)
    const [event] = (await auth.events('entity_id', owner.session.user.id)).slice(1)
    expect(event).toMatchObject({
      type: 'auth.user.totp_enabled.v1',
      actorid: owner.session.user.id,
      data: { entity_type: 'user', version: 2, new_values: { user_id: owner.session.user.id } },
    })
  })

  test('neither the secret nor the codes are anywhere in the database as they are', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await steps.enroll(owner, {}, 'enroll-once')
    const { recovery_codes } = await steps.verify(owner, codeOf(secret), 'verify-once')
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
    const first = await steps.enroll(owner, {}, 'enroll-twice')
    expect(await steps.enroll(owner, {}, 'enroll-twice')).toEqual(first)
    const code = codeOf(first.secret)
    const codes = await steps.verify(owner, code, 'verify-twice')
    const events = await auth.countEvents()
    expect(await steps.verify(owner, code, 'verify-twice')).toEqual(codes)
    expect(await auth.countEvents()).toBe(events)
  })

  test('enrolling again before a code was verified replaces the secret', async () => {
    const owner = await givenOwner(auth)
    const first = await steps.enroll(owner)
    const second = await steps.enroll(owner)
    expect(second.secret).not.toBe(first.secret)
    await refused(steps.verify(owner, codeOf(first.secret)), 'credentials_invalid')
    await steps.verify(owner, codeOf(second.secret))
  })

  test('is refused when it is on already, or before enrolling', async () => {
    const person = await steps.givenTwoSteps()
    const events = await auth.countEvents()
    await refused(steps.enroll(person), 'totp_already_enabled')
    await refused(steps.verify(person, codeOf(person.secret, 1)), 'totp_already_enabled')
    expect(await auth.countEvents()).toBe(events)
    await refused(steps.verify(await givenOwner(auth), '123456'), 'not_found')
  })

  test('wrong codes count like failed sign-ins; also many at once', async () => {
    const owner = await givenOwner(auth)
    const { secret } = await steps.enroll(owner)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => steps.verify(owner, wrongCodeOf(secret))),
    )
    const codes = outcomes.map(
      (outcome) => (outcome as { reason: { problem: { code: string } } }).reason.problem.code,
    )
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(15)
    await refused(steps.verify(owner, codeOf(secret)), 'rate_limited')
    expect(await steps.isEnabled(owner)).toBe(false)
  })

  test('needs a token, and six digits', async () => {
    const owner = await givenOwner(auth)
    await refused(steps.enroll({ credentials: {} }), 'unauthenticated')
    await refused(steps.verify({ credentials: {} }, '123456'), 'unauthenticated')
    await refused(steps.disable({ credentials: {} }), 'unauthenticated')
    for (const code of ['12345', '1234567', 'abcdef', '１２３４５６']) {
      const { problem } = await refused(steps.verify(owner, code), 'invalid_request')
      expect(problem.errors[0]!.field).toBe('code')
    }
  })
})

describe('enrolling in a session that was opened a while ago', () => {
  test('needs the password', async () => {
    const owner = await givenOwner(auth)
    await steps.makeOld(owner)
    const { problem } = await refused(steps.enroll(owner), 'credentials_invalid')
    expect(problem.detail).toMatch(/password/)
    await refused(steps.enroll(owner, { password: 'wrong' }), 'credentials_invalid')
    expect(
      await auth.rows('SELECT 1 FROM auth.totp_secrets WHERE user_id = $1', [owner.session.user.id]),
    ).toEqual([])
    await steps.enroll(owner, { password: owner.password })
  })
})

test('the secret is encrypted anew with the current master secret when it is used', async () => {
  const person = await steps.givenTwoSteps()
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
    await steps.forgetSteps(person)
    await auth.apiAt(rotated.url).call('login', { body: { email, password, totp: codeOf(person.secret) } })
  } finally {
    await rotated.stop()
  }
})
