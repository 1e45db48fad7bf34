import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { signRequest } from '../../../libs/client/src/index.ts'
import type { ProblemDocument } from '../../../libs/contracts/src/index.ts'
import { botKeyId } from '../../../libs/kit/src/signing-keys.ts'
import { givenFamily, type Person } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import {
  attacks,
  type Call,
  type Headers,
  type Key,
  newTelegramId,
  signed,
  signedOver,
  targets,
} from './attacks.ts'

let house: House
let database: pg.Client
let owner: Person
let bot: Key
/** The owner's Telegram account. */
let linkedId: string
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'gateway'] })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  owner = (await givenFamily(house)).owner
  bot = { key_id: botKeyId, secret: house.env['BOT_CLIENT_SECRET']! }
  linkedId = newTelegramId()
  const made = start(linkedId)
  const { body } = await send(house.urls.gateway, made, await signed(made, bot))
  await owner.auth.call('confirmTelegramBinding', { body: { code: body.code! } })
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

/** Makes a code for this account, if it is not refused. */
const start = (telegram_id: string): Call => ({
  target: targets.start,
  body: JSON.stringify({ telegram_id, chat_id: telegram_id }),
})
/** Makes a session for the owner, if it is not refused. */
const authenticate = (): Call => ({
  target: targets.authenticate,
  body: JSON.stringify({ telegram_id: linkedId }),
})
const calls = [
  ['bind/start', () => start(newTelegramId()), 201],
  ['authenticate', authenticate, 200],
] as const
const doors = [
  ['the gateway', () => house.urls.gateway],
  ['the auth service', () => house.urls.auth],
] as const
const everywhere = doors.flatMap(([door, url]) =>
  calls.map(([name, make, success]) => ({ name, door, url, make, success })),
)

async function send(url: string, { target, body }: Call, headers: Headers) {
  const answer = await fetch(url + target, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const read = (await answer.json()) as Partial<Pick<ProblemDocument, 'detail'>> & { code?: string }
  return { status: answer.status, body: read }
}

const state = async (): Promise<unknown> =>
  (
    await database.query(
      `SELECT (SELECT count(*) FROM auth.telegram_bindings) AS codes, (SELECT count(*) FROM auth.sessions) AS sessions,
         (SELECT json_agg(i ORDER BY i) FROM auth.telegram_identities i) AS identities,
         (SELECT count(*) FROM auth.outbox) AS events`,
    )
  ).rows[0]

describe.each(everywhere)('$name at $door', ({ url, make, success }) => {
  test('is taken with the bot’s signature, whoever computed it', async () => {
    for (const sign of [signed, signedOver]) {
      const before = await state()
      const made = make()
      expect((await send(url(), made, await sign(made, bot))).status).toBe(success)
      expect(await state()).not.toEqual(before)
    }
  })

  test.each(attacks)('with %s is %s and changes nothing', async (_what, code, attack) => {
    const made = make()
    const { headers, call } = await attack({ made, bot, session: owner.session })
    const before = await state()
    const answer = await send(url(), call ?? made, headers)
    expect([answer.status, answer.body.code]).toEqual([401, code])
    expect(JSON.stringify(answer.body)).not.toContain(bot.secret)
    expect(await state()).toEqual(before)
  })
})

describe.each(calls)('%s through the gateway', (_name, make, success) => {
  const ofBot = async () => {
    const made = make()
    return { made, headers: await signed(made, bot) }
  }

  test('is taken once, however often it is repeated', async () => {
    const { made, headers } = await ofBot()
    expect((await send(house.urls.gateway, made, headers)).status).toBe(success)
    const before = await state()
    for (let again = 0; again < 3; again++) {
      const answer = await send(house.urls.gateway, made, headers)
      expect([answer.status, answer.body.code]).toEqual([401, 'nonce_reused'])
    }
    expect(await state()).toEqual(before)
  })

  test('is taken once of thirty at the same moment', async () => {
    const { made, headers } = await ofBot()
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => send(house.urls.gateway, made, headers)),
    )
    expect(answers.filter(({ status }) => status === success)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'nonce_reused')).toHaveLength(29)
  })

  test('keeps its nonce when somebody else tries it first', async () => {
    const { made, headers } = await ofBot()
    const forged = await send(house.urls.gateway, made, { ...headers, signature: `sig=:${'A'.repeat(43)}=:` })
    expect([forged.status, forged.body.code]).toEqual([401, 'signature_invalid'])
    expect((await send(house.urls.gateway, made, headers)).status).toBe(success)
  })
})

test('the bot’s key opens nothing that needs a session', async () => {
  const made: Call = { target: '/api/v1/families', body: '{"name":"Theirs","base_currency":"EUR"}' }
  const before = await state()
  const tokenless = await send(house.urls.gateway, made, await signed(made, bot))
  expect([tokenless.status, tokenless.body.code]).toEqual([401, 'unauthenticated'])
  const authorization = `Bearer ${owner.session.access_token}`
  const headers = await signRequest({ method: 'POST', ...made, authorization }, bot)
  const answer = await send(house.urls.gateway, made, headers)
  expect([answer.status, answer.body.code]).toEqual([401, 'signature_invalid'])
  expect(await state()).toEqual(before)
})
