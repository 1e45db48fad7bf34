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
  house = await startHouse({ services: ['auth', 'ledger', 'gateway'] })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  owner = (await givenFamily(house)).owner
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

const changes = async (): Promise<unknown> =>
  (
    await database.query(
      'SELECT (SELECT count(*) FROM auth.outbox) AS auth, (SELECT count(*) FROM ledger.outbox) AS ledger',
    )
  ).rows[0]
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
  const change = async ({ session }: Person, url: string, call: string, body: object) => {
    const [method, target] = call.split(' ') as [string, string]
    const answer = await createClient({ baseUrl: url }).send({
      method,
      target,
      body: JSON.stringify(body),
      idempotencyKey: crypto.randomUUID(),
      credentials: { accessToken: session.access_token, signingKey: session.signing_key },
    })
    return [answer.status, (answer.body as Partial<ProblemDocument>).code]
  }
  /** The auth service keeps the sessions, so it refuses by itself. */
  const rename = (person: Person) =>
    change(person, house.urls.auth, 'PATCH /api/v1/auth/me', {
      display_name: crypto.randomUUID().slice(0, 8),
    })
  /** The ledger would take it: only the gateway knows better. */
  const open = (person: Person) =>
    change(person, house.urls.gateway, 'POST /api/v1/accounts', {
      name: 'Mine',
      kind: 'cash',
      currency: 'EUR',
    })
  const revoked = [401, 'token_revoked']

  async function expectOver(person: Person) {
    expect(await rename(person)).toEqual(revoked)
    await eventually(
      () => open(person),
      ([, code]) => code === 'token_revoked',
    )
    const before = await changes()
    expect(await open(person)).toEqual(revoked)
    expect(await rename(person)).toEqual(revoked)
    expect(await refresh(person.session.refresh_token)).toEqual([401, 'refresh_token_invalid'])
    expect(await changes()).toEqual(before)
  }

  test('by signing out changes nothing more and is not refreshed', async () => {
    const person = (await givenFamily(house)).owner
    expect(await open(person)).toEqual([201, undefined])
    await person.auth.call('logout', { body: {} })
    await expectOver(person)
  })

  test('by a removal from the family neither', async () => {
    const { id, owner: by, people } = await givenFamily(house, ['adult'])
    const adult = people['adult']!
    expect(await open(adult)).toEqual([201, undefined])
    await by.auth.call('removeMember', { params: { id, user_id: adult.userId } })
    await expectOver(adult)
  })
})
