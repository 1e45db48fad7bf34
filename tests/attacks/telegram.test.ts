import { randomBytes, randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenFamily } from '../support/given.ts'
import {
  attack,
  type Identity,
  identityOf,
  type Request,
  type Seen,
  send,
  signedHeaders,
} from './attacker.ts'
import { expectRefused, get, idOf, post, request, type Scene, startScene } from './scene.ts'

let scene: Scene
let bot: Identity
/** The Telegram account of the victim's owner. */
let linked: string
beforeAll(async () => {
  scene = await startScene()
  bot = { keyId: 'bot.v1', secret: scene.house.env['BOT_CLIENT_SECRET']! }
  linked = newTelegramId()
  const confirmed = await confirm(idOf(scene.victim.family.owner), await codeFor(linked))
  expect(confirmed.status).toBe(200)
}, 120_000)
afterAll(() => scene.stop())

const newTelegramId = () => String(randomInt(1e9, 1e12))
const here = () => scene.house.urls.gateway
const answerOf = ({ status, code }: Seen) => `${status} ${code}`
const asBot = (target: string, body: unknown): Request => ({ ...post(target, body), key: null })
const start = (telegram_id: string) =>
  attack(
    here(),
    bot,
    asBot('/auth/telegram/bind/start', { telegram_id, chat_id: telegram_id, first_name: 'Ann' }),
  )
const codeFor = async (telegramId: string) => ((await start(telegramId)).json as { code: string }).code
const confirm = (who: Identity, code: string) =>
  attack(here(), who, post('/auth/telegram/bind/confirm', { code }))
const authenticate = (telegram_id: unknown) => asBot('/auth/telegram/authenticate', { telegram_id })

describe('an identity', () => {
  test('written otherwise is nobody’s', () => {
    const fullWidth = [...linked].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join('')
    const forms = [
      `0${linked}`,
      `+${linked}`,
      ` ${linked}`,
      `${linked} `,
      `${linked}\u0000`,
      `${linked}.0`,
      `${linked}n`,
      fullWidth,
      `0x${Number(linked).toString(16)}`,
      `${linked}e0`,
      `--${linked}`,
      '-0',
      '0',
      '',
      Number(linked),
      [linked],
      { id: linked },
      null,
      true,
      '1'.repeat(20),
      '%',
      `${linked}' OR '1'='1`,
      '__proto__',
    ]
    return expectRefused(
      scene,
      forms.map((form) => ({
        name: JSON.stringify(form),
        who: bot,
        what: authenticate(form),
        code: 'invalid_request' as const,
        field: 'telegram_id',
      })),
    )
  })

  test('that nobody linked opens nothing, however near it is to one', () => {
    const number = BigInt(linked)
    const near = [
      `-${linked}`,
      String(number + 1n),
      String(number - 1n),
      linked.slice(0, -1),
      `${linked}0`,
      String(number + (1n << 32n)),
      '9'.repeat(19),
      '9223372036854775808',
    ]
    return expectRefused(
      scene,
      near.map((id) => ({
        name: id,
        who: bot,
        what: authenticate(id),
        code: 'telegram_not_linked' as const,
      })),
    )
  })

  test('is not claimed by whoever has no key of the bot', async () => {
    const owner = idOf(scene.people.owner)
    const what = authenticate(linked)
    await expectRefused(scene, [
      {
        name: 'a session’s key',
        who: { keyId: owner.keyId, secret: owner.secret },
        what,
        code: 'signature_invalid',
      },
      { name: 'a session’s token and key', who: owner, what, code: 'signature_invalid' },
      {
        name: 'the bot’s name, a session’s secret',
        who: { ...bot, secret: owner.secret },
        what,
        code: 'signature_invalid',
      },
      {
        name: 'a random secret',
        who: { ...bot, secret: randomBytes(32).toString('base64url') },
        what,
        code: 'signature_invalid',
      },
      { name: 'an empty secret', who: { ...bot, secret: '' }, what, code: 'signature_invalid' },
      { name: 'another version', who: { ...bot, keyId: 'bot.v2' }, what, code: 'signature_invalid' },
      { name: 'the name in capitals', who: { ...bot, keyId: 'BOT.v1' }, what, code: 'signature_invalid' },
    ])
    for (const url of [here(), scene.house.urls.auth])
      for (const headers of [
        {},
        { 'x-telegram-bot-api-secret-token': bot.secret },
        { authorization: `Bearer ${bot.secret}` },
      ]) {
        const seen = await send(url, what, headers)
        expect(answerOf(seen)).toBe('401 signature_missing')
      }
  })

  test('is claimed once by one signature, at the auth service behind the gateway too', async () => {
    const what = authenticate(linked)
    const headers = signedHeaders(bot, what)
    const seen = await Promise.all(Array.from({ length: 30 }, () => send(here(), what, headers)))
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(seen.filter(({ status }) => status !== 200).map(answerOf)).toEqual(
      Array(29).fill('401 nonce_reused'),
    )
    // The session is the victim's own, and tells nothing to another family.
    const session = seen.find(({ status }) => status === 200)!.json as { user: { id: string } }
    expect(session.user.id).toBe(scene.victim.user)
  })

  test('signed for one body or call claims no other', async () => {
    const another = newTelegramId()
    const good = signedHeaders(bot, authenticate(another))
    const swapped = await send(here(), authenticate(linked), good)
    expect(answerOf(swapped)).toBe('401 digest_mismatch')
    const elsewhere = await send(
      here(),
      { ...authenticate(another), target: '/api/v1/auth/telegram/bind/start' },
      good,
    )
    expect(answerOf(elsewhere)).toBe('401 signature_invalid')
  })
})

describe('a code', () => {
  test('links once: not again, not for another, not the ones beside it', async () => {
    const [ours, theirs] = [(await givenFamily(scene.house)).owner, (await givenFamily(scene.house)).owner]
    const telegramId = newTelegramId()
    const [first, second] = [await codeFor(telegramId), await codeFor(telegramId)]
    expect((await confirm(idOf(ours), first)).status).toBe(200)
    await expectRefused(
      scene,
      [first, second].flatMap((code) =>
        [ours, theirs].map((person) => ({
          name: `${code} ${person.displayName}`,
          who: idOf(person),
          what: post('/auth/telegram/bind/confirm', { code }),
          code: 'code_expired' as const,
        })),
      ),
    )
    expect(answerOf(await start(telegramId))).toBe('409 telegram_taken')
  })

  test('is taken by one of twenty people at once', async () => {
    const code = await codeFor(newTelegramId())
    const families = await Promise.all(Array.from({ length: 5 }, () => givenFamily(scene.house)))
    const seen = await Promise.all(
      families.flatMap(({ owner }) => Array.from({ length: 4 }, () => confirm(idOf(owner), code))),
    )
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const each of seen.filter(({ status }) => status !== 200))
      expect(['410 code_expired', '409 telegram_taken']).toContain(answerOf(each))
  })

  test('written otherwise is none, and shows nobody', async () => {
    const code = await codeFor(newTelegramId())
    const who = idOf(scene.people.owner)
    const other = code.startsWith('A') ? 'B' : 'A'
    await expectRefused(scene, [
      ...[
        `${code}A`,
        code.slice(0, -1),
        other + code.slice(1),
        code.toLowerCase() === code ? code.toUpperCase() : code.toLowerCase(),
      ].flatMap((forged) => [
        { name: forged, who, what: get(`/auth/telegram/bind/${forged}`), code: 'not_found' as const },
        {
          name: forged,
          who,
          what: post('/auth/telegram/bind/confirm', { code: forged }),
          code: 'not_found' as const,
        },
      ]),
      ...[` ${code}`, `${code}=`, `${code}\u0000`, '', '%', ['x'.repeat(32)], null].map((forged) => ({
        name: String(forged),
        who,
        what: post('/auth/telegram/bind/confirm', { code: forged }),
        code: 'invalid_request' as const,
        field: 'code',
      })),
      {
        name: 'by the bot itself',
        who: bot,
        what: asBot('/auth/telegram/bind/confirm', { code }),
        code: 'unauthenticated',
      },
      {
        name: 'looked at by the bot',
        who: bot,
        what: get(`/auth/telegram/bind/${code}`),
        code: 'unauthenticated',
      },
    ])
  })
})

test('what was signed in through Telegram ends with the link, and cannot change how one signs in', async () => {
  const { owner } = await givenFamily(scene.house)
  const telegramId = newTelegramId()
  expect((await confirm(idOf(owner), await codeFor(telegramId))).status).toBe(200)
  const answer = await attack(here(), bot, authenticate(telegramId))
  const session = identityOf(answer.json as Parameters<typeof identityOf>[0])
  // Whoever holds the phone has no password and no second step to give away.
  await expectRefused(scene, [
    {
      name: 'a new password',
      who: session,
      what: post('/auth/password/change', {
        current_password: 'a guess of mine',
        new_password: 'a long and private one',
      }),
      code: 'credentials_invalid',
    },
    { name: 'two steps', who: session, what: post('/auth/totp/enroll', {}), code: 'credentials_invalid' },
  ])
  expect((await attack(here(), idOf(owner), request('DELETE', '/auth/telegram'))).status).toBe(204)
  expect(
    answerOf(
      await attack(scene.house.urls.auth, session, request('PATCH', '/auth/me', { display_name: 'Mine' })),
    ),
  ).toBe('401 token_revoked')
  expect(answerOf(await attack(here(), bot, authenticate(telegramId)))).toMatch(/telegram_not_linked$/)
})
