import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { credentialsOf, refused, typesOf } from './auth-house.ts'
import { codeOf, startTwoStepsHouse, type TwoStepsHouse, wrongCodeOf } from './two-steps.ts'

let auth: TwoStepsHouse
beforeAll(async () => {
  auth = await startTwoStepsHouse()
})
afterAll(() => auth.stop())

describe('turning it off', () => {
  test('signs in with the password alone again; sessions go on; an event', async () => {
    const person = await auth.givenTwoSteps()
    const other = await auth.login(person, codeOf(person.secret, 1))
    await auth.disable(person, {}, 'disable-once')
    expect(await auth.isEnabled(person)).toBe(false)
    expect(await auth.startedBy((await auth.login(person)).session_id)).toBeNull()
    await auth.api.call('getMe', { credentials: credentialsOf(other) })
    const events = await auth.events('entity_id', person.session.user.id)
    expect(typesOf(events).slice(1)).toEqual(['auth.user.totp_enabled.v1', 'auth.user.totp_disabled.v1'])
    expect(events.map(({ data }) => data.version)).toEqual([1, 2, 3])
    const count = await auth.countEvents()
    await auth.disable(person, {}, 'disable-once')
    await refused(auth.disable(person), 'not_found')
    expect(await auth.countEvents()).toBe(count)
    expect(
      await auth.rows('SELECT 1 FROM auth.recovery_codes WHERE user_id = $1', [person.session.user.id]),
    ).toEqual([])
    await auth.enroll(person) // and it may be turned on anew
  })

  test('needs password and code when the session was opened a while ago', async () => {
    const person = await auth.givenTwoSteps()
    await auth.makeOld(person)
    const code = codeOf(person.secret, 1)
    for (const proof of [{}, { password: person.password }, { totp: code }]) {
      const { problem } = await refused(auth.disable(person, proof), 'credentials_invalid')
      expect(problem.detail).toMatch(/password.*totp/)
    }
    await refused(auth.disable(person, { password: 'wrong', totp: code }), 'credentials_invalid')
    await refused(
      auth.disable(person, { password: person.password, totp: wrongCodeOf(person.secret) }),
      'credentials_invalid',
    )
    expect(await auth.isEnabled(person)).toBe(true)
    const proof = { password: person.password, totp: code }
    await auth.disable(person, proof, 'proven-once')
    await auth.disable(person, proof, 'proven-once')
    expect(await auth.isEnabled(person)).toBe(false)
  })

  test('takes a recovery code as well, which is used up', async () => {
    const person = await auth.givenTwoSteps()
    await auth.makeOld(person)
    await auth.disable(person, { password: person.password, totp: person.recoveryCodes[0]! })
    expect(await auth.isEnabled(person)).toBe(false)
  })

  test('what is missing does not count as a failure, what is wrong does', async () => {
    const person = await auth.givenTwoSteps()
    await auth.makeOld(person)
    for (let time = 1; time <= 6; time++) await refused(auth.disable(person), 'credentials_invalid')
    for (let guess = 1; guess <= 5; guess++)
      await refused(
        auth.disable(person, { password: person.password, totp: wrongCodeOf(person.secret) }),
        'credentials_invalid',
      )
    await refused(
      auth.disable(person, { password: person.password, totp: codeOf(person.secret, 1) }),
      'rate_limited',
    )
    expect(await auth.isEnabled(person)).toBe(true)
  })
})
