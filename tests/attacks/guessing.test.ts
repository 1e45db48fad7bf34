import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenFamily } from '../support/given.ts'
import { totpOf } from '../support/totp.ts'
import { attack, type Seen, send, wrongWith } from './attacker.ts'
import { get, idOf, post, request, type Scene, settled, startScene } from './scene.ts'

/** Fewer than in an installation, where 50 are: each guess costs a good part of a second. */
const FROM_ONE_PLACE = 16

let scene: Scene
/** The attacker's own client speaks for many addresses: it comes through a proxy that the house trusts. */
beforeAll(async () => {
  scene = await startScene({
    TRUSTED_PROXIES: '127.0.0.1',
    RATE_LIMIT_BIND: '10/600',
    LOGIN_FAILURES_ADDRESS: `${FROM_ONE_PLACE}/300`,
  })
}, 120_000)
afterAll(() => scene.stop())

let last = 0
const newAddress = () => `198.51.${100 + Math.floor(last / 250)}.${(last++ % 250) + 1}`
const from = (address: string) => ({ 'x-forwarded-for': address })
const login = (email: string, password: string, more: { totp?: string; address?: string } = {}) =>
  send(
    scene.house.urls.gateway,
    post('/auth/login', { email, password, ...(more.totp === undefined ? {} : { totp: more.totp }) }),
    from(more.address ?? newAddress()),
  )
const answerOf = ({ status, code }: Seen) => `${status} ${code}`
const wrong = '401 credentials_invalid'
const limited = '429 rate_limited'

/** Each is one person's address as somebody might write it to be counted anew. */
const spellings = (email: string): string[] => [
  email,
  email.toUpperCase(),
  email.replace(/^./, (letter) => letter.toUpperCase()),
  email.replace(/@.*/, (domain) => domain.toUpperCase()),
  [...email].map((letter, index) => (index % 2 ? letter.toUpperCase() : letter)).join(''),
]
/** These are no address of anybody's, or not this person's. */
const strange = (email: string): string[] => [
  ` ${email}`,
  `${email} `,
  `${email}.`,
  `${email}\u0000`,
  email.replace('e', '\u0435'),
  email.replace(/^O/, '\uff2f'),
  email.replace('@', '\uff20'),
  `"${email.replace('@', '"@')}`,
  `<${email}>`,
  email.replace('@', '\u200b@'),
  email.replace('example', 'EXAMPLE\u0307'),
]

describe('a password', () => {
  test('is guessed five times, from wherever and however its address is written', async () => {
    const { owner } = await givenFamily(scene.house)
    const answers: string[] = []
    for (let round = 0; round < 3; round++)
      for (const email of spellings(owner.email))
        answers.push(answerOf(await login(email, `guess number ${round}`)))
    expect(answers).toEqual([...Array<string>(5).fill(wrong), ...Array<string>(10).fill(limited)])
    // Even the right one does not get in from elsewhere now, and nothing tells that it was right.
    const seen = await login(owner.email, owner.password)
    expect(answerOf(seen)).toBe(limited)
    expect(Number(seen.headers['retry-after'])).toBeGreaterThan(0)
  })

  test('is not found by another way of writing the address', async () => {
    const { owner } = await givenFamily(scene.house)
    for (const email of strange(owner.email)) {
      const seen = await login(email, owner.password)
      expect(['401 credentials_invalid', '400 invalid_request']).toContain(answerOf(seen))
      expect(wrongWith(seen)).toEqual([])
    }
  })

  test('is guessed no more often by ten addresses at once', async () => {
    const { owner } = await givenFamily(scene.house)
    const seen = await Promise.all(
      Array.from({ length: 10 }, (_, index) => login(owner.email, `guess ${index}`)),
    )
    const answers = seen.map(answerOf)
    expect(answers.filter((answer) => answer === wrong).length).toBeLessThanOrEqual(5)
    expect(answers.filter((answer) => answer !== wrong && answer !== limited)).toEqual([])
  })

  test('one for everybody is tried so often from one place, and IPv6 has one place in a /64', async () => {
    const guess = (index: number, address: string) =>
      login(`nobody-${index}@example.org`, 'Summer2026 Summer2026', { address })
    const answers: string[] = []
    for (let index = 1; index <= FROM_ONE_PLACE + 2; index++)
      answers.push(answerOf(await guess(index, `2001:db8:5::${index.toString(16)}`)))
    expect(answers).toEqual([...Array<string>(FROM_ONE_PLACE).fill(wrong), limited, limited])
    expect(answerOf(await guess(0, '2001:db8:5:1::1'))).toBe(wrong)
    // The same address as IPv4 within IPv6 is the same place.
    const plain = newAddress()
    for (let index = 0; index < FROM_ONE_PLACE; index++)
      expect(answerOf(await guess(100 + index, index % 2 ? plain : `::ffff:${plain}`))).toBe(wrong)
    for (const address of [plain, `::ffff:${plain}`]) expect(answerOf(await guess(99, address))).toBe(limited)
  })

  test('an address written into the front of a list counts for nobody', async () => {
    const { owner } = await givenFamily(scene.house)
    const answers: string[] = []
    for (let index = 0; index < 8; index++) {
      const list = `${newAddress()}, 203.0.113.77`
      answers.push(answerOf(await login(`nobody-${index}@example.org`, 'x', { address: list })))
      expect(answerOf(await login(owner.email, 'x', { address: list }))).toBe(index < 5 ? wrong : limited)
    }
    // A place of its own would have had five guesses left.
    expect(answerOf(await login(`nobody@example.org`, 'x', { address: '203.0.113.77' }))).toBe(wrong)
  })
})

test('whether somebody has an account is in no answer', async () => {
  const { owner } = await givenFamily(scene.house)
  const plain = (seen: Seen) => [
    seen.status,
    seen.text.replaceAll(/"(request_id|trace_id)":"[^"]*"/g, ''),
    Object.keys(seen.headers).sort(),
    seen.headers['content-length'],
  ]
  for (const password of ['wrong', 'x'.repeat(256), '\u0000', 'ünïcödé'])
    expect(plain(await login(owner.email, password))).toEqual(
      plain(await login(owner.email.replace('@example', '@exampel'), password)),
    )
})

describe('a second step', () => {
  async function givenTwoSteps() {
    const { owner } = await givenFamily(scene.house)
    const url = scene.house.urls.gateway
    const enrolled = await attack(url, idOf(owner), post('/auth/totp/enroll', { password: owner.password }))
    const { secret } = enrolled.json as { secret: string }
    const used = totpOf(secret)
    const verified = await attack(url, idOf(owner), post('/auth/totp/verify', { code: used }))
    expect([enrolled.status, verified.status]).toEqual([201, 200])
    return { owner, secret, used, recovery: (verified.json as { recovery_codes: string[] }).recovery_codes }
  }

  test('is not passed by a used code, another form of one, or the next guess', async () => {
    const { owner, secret, used, recovery } = await givenTwoSteps()
    const right = totpOf(secret, Date.now() + 30_000)
    const other = (digits: string) => String((Number(digits) + 1) % 1e6).padStart(6, '0')
    const forged = [
      used,
      [...used].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join(''),
      `${right}0`,
      `-${right}`,
      other(other(right)),
    ]
    const answers: string[] = []
    for (const totp of forged) answers.push(answerOf(await login(owner.email, owner.password, { totp })))
    expect(answers).toEqual(Array(5).fill(wrong))
    // Five were tried: the right one, and a recovery code, have to wait as well.
    for (const totp of [right, recovery[0]!])
      expect(answerOf(await login(owner.email, owner.password, { totp }))).toBe(limited)
  })

  test('by a recovery code is passed once, also of many at once', async () => {
    const { owner, recovery } = await givenTwoSteps()
    const totp = recovery[0]!
    const seen = await Promise.all(
      Array.from({ length: 6 }, () => login(owner.email, owner.password, { totp, address: '203.0.113.200' })),
    )
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('is neither passed nor turned off by what another person has', async () => {
    const { owner, used } = await givenTwoSteps()
    const { recovery } = await givenTwoSteps()
    expect(answerOf(await login(owner.email, owner.password, { totp: recovery[0]! }))).toBe(wrong)
    await settled(scene.sql)
    const before = await scene.rows()
    const proof = { totp: used, password: owner.password }
    const what = request('DELETE', '/auth/totp', proof)
    const seen = await attack(scene.house.urls.gateway, idOf(scene.people.owner), what)
    expect(answerOf(seen)).toBe('404 not_found')
    expect(await scene.rows()).toEqual(before)
  })
})

describe('what is long and random', () => {
  const random = () => randomBytes(32).toString('base64url')

  test('is not met by guesses at refresh tokens, invitations and session ids', async () => {
    await settled(scene.sql)
    const before = await scene.rows()
    const url = scene.house.urls.gateway
    const someone = idOf(scene.people.member)
    for (let index = 0; index < 20; index++) {
      const tries: [Promise<Seen>, string][] = [
        [send(url, post('/auth/token/refresh', { refresh_token: random() })), '401 refresh_token_invalid'],
        [attack(url, someone, post('/invitations/accept', { token: random() })), '404 not_found'],
        [attack(url, someone, request('DELETE', `/auth/sessions/${randomUUID()}`)), '404 not_found'],
      ]
      for (const [seen, expected] of tries) expect(answerOf(await seen)).toBe(expected)
    }
    expect(await scene.rows()).toEqual(before)
  })

  test('codes for Telegram are guessed ten times by one person, by looking and confirming together', async () => {
    const url = scene.house.urls.gateway
    const someone = idOf(scene.people.adult)
    const answers: string[] = []
    for (let index = 0; index < 14; index++) {
      const code = randomBytes(24).toString('base64url')
      const what =
        index % 2 ? get(`/auth/telegram/bind/${code}`) : post('/auth/telegram/bind/confirm', { code })
      answers.push(answerOf(await attack(url, someone, what, from(newAddress()))))
    }
    expect(answers).toEqual([...Array<string>(10).fill('404 not_found'), ...Array<string>(4).fill(limited)])
  })

  test('a registration tells of an address that is taken, and of nothing else of its owner', async () => {
    const { owner } = scene.victim.family
    const body = { password: 'a long and private one', display_name: 'Mallory', family_name: 'Hers' }
    for (const email of spellings(owner.email)) {
      const seen = await send(
        scene.house.urls.gateway,
        post('/auth/register', { ...body, email }),
        from(newAddress()),
      )
      expect(answerOf(seen)).toBe('409 email_taken')
      expect(wrongWith(seen, [owner.userId, owner.displayName, ...scene.victim.secrets.slice(0, 2)])).toEqual(
        [],
      )
    }
  })
})
