import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createClient } from '../../libs/client/src/index.ts'
import type { ProblemDocument, Session } from '../../libs/contracts/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'

let house: House
let database: pg.Client
let owner: Person
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'gateway'] })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  owner = (await givenFamily(house)).owner
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

const changes = async () =>
  (await database.query<{ events: number }>('SELECT count(*)::int AS events FROM auth.outbox')).rows[0]
const refresh = async (refresh_token: string) => {
  const answer = await createClient({ baseUrl: house.urls.gateway }).send({
    method: 'POST',
    target: '/api/v1/auth/token/refresh',
    body: JSON.stringify({ refresh_token }),
  })
  return [answer.status, (answer.body as ProblemDocument).code]
}

describe('what is no refresh token', () => {
  test.each([
    ['an access token', ({ access_token }: Session) => access_token, 400, 'invalid_request'],
    ['a session’s id', ({ session_id }: Session) => session_id, 401, 'refresh_token_invalid'],
    ['a signing key', ({ signing_key }: Session) => signing_key.secret, 401, 'refresh_token_invalid'],
    ['a key id', ({ signing_key }: Session) => signing_key.key_id, 401, 'refresh_token_invalid'],
    [
      'a refresh token and more',
      ({ refresh_token }: Session) => `${refresh_token}A`,
      401,
      'refresh_token_invalid',
    ],
    [
      'most of a refresh token',
      ({ refresh_token }: Session) => refresh_token.slice(0, -1),
      401,
      'refresh_token_invalid',
    ],
    ['an SQL wildcard', () => '%', 401, 'refresh_token_invalid'],
  ])('%s', async (_what, make, status, code) => {
    const before = await changes()
    expect(await refresh(make(owner.session))).toEqual([status, code])
    expect(await changes()).toEqual(before)
  })
})

describe('a session that has ended', () => {
  /** A signed change by that session, and what the gateway says. */
  const change = async ({ session }: Person, url = house.urls.gateway) => {
    const answer = await createClient({ baseUrl: url }).send({
      method: 'PATCH',
      target: '/api/v1/auth/me',
      body: JSON.stringify({ display_name: crypto.randomUUID().slice(0, 8) }),
      credentials: { accessToken: session.access_token, signingKey: session.signing_key },
    })
    return { status: answer.status, code: (answer.body as Partial<ProblemDocument>).code }
  }
  const revoked = { status: 401, code: 'token_revoked' }

  async function expectOver(person: Person) {
    expect(await change(person, house.urls.auth)).toEqual(revoked) // at once, where sessions are kept
    await eventually(
      () => change(person),
      ({ code }) => code === 'token_revoked',
    )
    const before = await changes()
    expect(await change(person)).toEqual(revoked)
    expect(await change(person, house.urls.auth)).toEqual(revoked)
    expect(await refresh(person.session.refresh_token)).toEqual([401, 'refresh_token_invalid'])
    expect(await changes()).toEqual(before)
  }

  test('by signing out changes nothing more and is not refreshed', async () => {
    const person = (await givenFamily(house)).owner
    expect((await change(person)).status).toBe(200)
    await person.auth.call('logout', { body: {} })
    await expectOver(person)
  })

  test('by a removal from the family neither', async () => {
    const { id, owner: by, people } = await givenFamily(house, ['child'])
    const child = people['child']!
    expect((await change(child)).status).toBe(200)
    await by.auth.call('removeMember', { params: { id, user_id: child.userId } })
    await expectOver(child)
  })
})
