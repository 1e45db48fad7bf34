import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { credentialsOf, refused } from './auth-house.ts'
import { codeOf, startTwoStepsHouse, type TwoStepsHouse, wrongCodeOf } from './two-steps.ts'

let auth: TwoStepsHouse
beforeAll(async () => {
  auth = await startTwoStepsHouse()
})
afterAll(() => auth.stop())

describe('signing in with two steps', () => {
  test('without a code: told so, and it does not count as a failure', async () => {
    const person = await auth.givenTwoSteps()
    for (let time = 1; time <= 8; time++) await refused(auth.login(person), 'totp_required')
    const session = await auth.login(person, codeOf(person.secret, 1))
    expect(await auth.startedBy(session.session_id)).toBe('totp')
    await auth.api.call('getMe', { credentials: credentialsOf(session) })
  })

  test('with a wrong password: the same answer as for everybody, with a code or without', async () => {
    const person = await auth.givenTwoSteps()
    const details = await Promise.all(
      [undefined, codeOf(person.secret, 1)].map(async (totp) => {
        const { problem } = await refused(
          auth.login({ ...person, password: 'wrong' }, totp),
          'credentials_invalid',
        )
        return problem.detail
      }),
    )
    const { problem } = await refused(
      auth.login({ ...person, email: `nobody-${person.email}` }),
      'credentials_invalid',
    )
    expect(details).toEqual([problem.detail, problem.detail])
    await auth.login(person, codeOf(person.secret, 1)) // the code was not used up
  })

  test('with a code once: again, or older than the last one, it is refused', async () => {
    const person = await auth.givenTwoSteps()
    await refused(auth.login(person, person.usedCode), 'credentials_invalid') // it turned two steps on
    const next = codeOf(person.secret, 1)
    await auth.login(person, next)
    await refused(auth.login(person, next), 'credentials_invalid')
    await auth.forgetSteps(person)
    await auth.login(person, ` ${next.slice(0, 3)} ${next.slice(3)} `)
  })

  test('ten at once with one code: one comes in', async () => {
    const person = await auth.givenTwoSteps()
    const code = codeOf(person.secret, 1)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => auth.login(person, code)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('with a recovery code, each once, in any writing; the trail says so', async () => {
    const person = await auth.givenTwoSteps()
    const [first, second, third] = person.recoveryCodes as [string, string, string]
    const session = await auth.login(person, first)
    expect(await auth.startedBy(session.session_id)).toBe('recovery_code')
    await refused(auth.login(person, first), 'credentials_invalid')
    await auth.login(person, second.toUpperCase().replaceAll('-', ' '))
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => auth.login(person, third)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('thirty wrong codes at once: five are answered, the others are refused, and the right one waits', async () => {
    const person = await auth.givenTwoSteps()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => auth.login(person, wrongCodeOf(person.secret))),
    )
    const codes = outcomes.map(
      (outcome) => (outcome as { reason: { problem: { code: string } } }).reason.problem.code,
    )
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(25)
    await refused(auth.login(person, codeOf(person.secret, 1)), 'rate_limited')
  })

  test('through Telegram goes without a code: the linked account is a factor of its own', async () => {
    const person = await auth.givenTwoSteps()
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
    expect(await auth.startedBy(session.session_id)).toBeNull()
    // But it does not prove who one is when two-step sign-in is to be turned off.
    const bot = { credentials: credentialsOf(session) }
    await refused(auth.disable(bot), 'credentials_invalid')
    await refused(auth.disable(bot, { password: person.password }), 'credentials_invalid')
    await auth.disable(bot, { password: person.password, totp: codeOf(person.secret, 1) })
    expect(await auth.isEnabled(person)).toBe(false)
  })
})
