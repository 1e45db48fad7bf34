import { createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createClient } from '../../libs/client/src/index.ts'
import type { ProblemDocument } from '../../libs/contracts/src/index.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { seconds as now, tampered, tokenForge, type TokenForge } from '../support/token-forge.ts'
import { unlimited } from '../support/unlimited.ts'

let house: House
let database: pg.Client
let owner: Person
let child: Person
let forge: TokenForge

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'], env: unlimited })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  const family = await givenFamily(house, ['child'])
  owner = family.owner
  child = family.people['child']!
  forge = tokenForge(house, () => owner.session)
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

const token = (change?: Parameters<TokenForge['token']>[0]) => forge.token(change)
const byStranger = (header: Record<string, unknown> = {}) => token({ header, key: forge.strangersKey })
/** A header with one member twice, which RFC 7515 forbids; JSON.parse takes the last. */
const twice = (name: string, first: string, last: string) => {
  const own = { alg: 'EdDSA', typ: 'at+jwt', kid: forge.ours.kid, [name]: last }
  return `{"${name}":"${first}",${JSON.stringify(own).slice(1)}`
}
const rows = async (sql: string) => (await database.query<Record<string, number>>(sql)).rows
const publicPem = () => createPublicKey(forge.ours.key).export({ format: 'pem', type: 'spki' })

const doors = [
  ['the gateway', () => `${house.urls.gateway}/api/v1/accounts`],
  ['auth', () => `${house.urls.auth}/api/v1/auth/me`],
  ['ledger', () => `${house.urls.ledger}/api/v1/accounts`],
  ['audit', () => `${house.urls.audit}/api/v1/audit/head`],
] as const

const ask = async (url: string, authorization: string) => {
  const answer = await fetch(url, { headers: { authorization } })
  return { status: answer.status, code: ((await answer.json()) as Partial<ProblemDocument>).code }
}

const invalid: [string, () => string][] = [
  ['no algorithm and no signature', () => token({ header: { alg: 'none' }, signature: '' })],
  ['no algorithm and the signature of another token', () => token({ header: { alg: 'none' } })],
  ['another way to write none', () => token({ header: { alg: 'nOnE' }, signature: 'AA' })],
  ['HS256 with the public key as PEM', () => forge.hmac(publicPem())],
  [
    'HS256 with the public key as JWK',
    () => forge.hmac(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: forge.ours.x })),
  ],
  ['HS256 with the bytes of the public key', () => forge.hmac(Buffer.from(forge.ours.x, 'base64url'))],
  ['HS256 with an empty secret', () => forge.hmac('')],
  ['ES256', () => forge.byOtherAlgorithm('ES256')],
  ['RS256', () => forge.byOtherAlgorithm('RS256')],
  ['a stranger’s key under our id', () => byStranger()],
  ['a key embedded in the token', () => byStranger({ jwk: forge.strangersJwk })],
  ['an embedded certificate', () => byStranger({ x5c: ['MIIB'] })],
  ['no key id', () => token({ header: { kid: undefined } })],
  ['an unknown key id', () => token({ header: { kid: 'unknown' } })],
  ['a key id that is a path', () => token({ header: { kid: '../../etc/passwd' } })],
  ['a key id that is SQL', () => token({ header: { kid: `${forge.ours.kid}' OR '1'='1` } })],
  ['a key id that is a list', () => token({ header: { kid: [forge.ours.kid] } })],
  ['a key id that is a number', () => token({ header: { kid: 1 } })],
  ['an empty key id', () => token({ header: { kid: '' } })],
  ['a key id of nothing', () => token({ header: { kid: null } })],
  ['a key id with a space', () => token({ header: { kid: `${forge.ours.kid} ` } })],
  ['a key id in capitals', () => token({ header: { kid: forge.ours.kid.toUpperCase() } })],
  ['a key id that is a prototype', () => token({ header: { kid: '__proto__' } })],
  ['a key id that is an object', () => token({ header: { kid: { kid: forge.ours.kid } } })],
  ['a key id of 5 kB', () => token({ header: { kid: 'k'.repeat(5_000) } })],
  ['no algorithm and then ours', () => token({ header: twice('alg', 'none', 'EdDSA'), signature: '' })],
  ['our algorithm and then none', () => token({ header: twice('alg', 'EdDSA', 'none') })],
  ['our key id and then a stranger’s', () => token({ header: twice('kid', forge.ours.kid, 'theirs') })],
  [
    'a stranger’s key id and then ours',
    () => token({ header: twice('kid', 'theirs', forge.ours.kid), key: forge.strangersKey }),
  ],
  ['a header that is a list', () => token({ header: '[]' })],
  ['a header that is null', () => token({ header: 'null' })],
  ['a header that is no JSON', () => token({ header: 'not json' })],
  ['an extension that must be understood', () => token({ header: { crit: ['purse'], purse: 1 } })],
  ['a payload that is not encoded', () => token({ header: { crit: ['b64'], b64: false } })],
  ['no type', () => token({ header: { typ: undefined } })],
  ['the type of any JWT', () => token({ header: { typ: 'JWT' } })],
  ['another issuer', () => token({ claims: { iss: 'somebody' } })],
  ['no issuer', () => token({ claims: { iss: undefined } })],
  ['another audience', () => token({ claims: { aud: 'somebody' } })],
  ['a list of other audiences', () => token({ claims: { aud: ['somebody', 'else'] } })],
  ['no audience', () => token({ claims: { aud: undefined } })],
  ['no subject', () => token({ claims: { sub: undefined } })],
  ['a subject that is no id', () => token({ claims: { sub: "' OR 1=1 --" } })],
  ['no session', () => token({ claims: { sid: undefined } })],
  ['no family', () => token({ claims: { fam: null } })],
  ['an unknown role', () => token({ claims: { role: 'emperor' } })],
  ['a list of roles', () => token({ claims: { role: ['owner'] } })],
  ['no expiry', () => token({ claims: { exp: undefined } })],
  ['an expiry in words', () => token({ claims: { exp: String(now() + 900) } })],
  ['an expiry beyond numbers', () => token({ claims: { exp: '1e999' } })],
  ['a start to come', () => token({ claims: { nbf: now() + 600 } })],
  ['an issue to come', () => token({ claims: { iat: now() + 600 } })],
  ['an expiry of nothing', () => token({ claims: { exp: null } })],
  ['an expiry in a list', () => token({ claims: { exp: [now() + 900] } })],
  ['an expiry that is no whole second', () => token({ claims: { exp: now() + 900.5 } })],
  ['an expiry beyond all clocks', () => token({ claims: { exp: 1e300 } })],
  ['an issue in words', () => token({ claims: { iat: String(now()) } })],
  ['an issue beyond all clocks', () => token({ claims: { iat: 1e300 } })],
  ['a start in words', () => token({ claims: { nbf: 'now' } })],
  ['a start beyond all clocks', () => token({ claims: { nbf: 1e300 } })],
  ['a list of issuers', () => token({ claims: { iss: ['common-purse'] } })],
  ['an audience that only begins like ours', () => token({ claims: { aud: 'common-purse-api2' } })],
  ['an empty list of audiences', () => token({ claims: { aud: [] } })],
  ['a family that is a list', () => token({ claims: { fam: [crypto.randomUUID()] } })],
  ['a session that is no id', () => token({ claims: { sid: '*' } })],
  ['a role in capitals', () => token({ claims: { role: 'Owner' } })],
  ['a role that is a prototype', () => token({ claims: { role: '__proto__' } })],
  ['an unknown kind of client', () => token({ claims: { client: 'admin' } })],
  ['a version in words', () => token({ claims: { mver: '1' } })],
  ['a number for its own id', () => token({ claims: { jti: 1 } })],
  ['no id of its own', () => token({ claims: { jti: undefined } })],
  ['a higher role written in', () => tampered(child.session, { role: 'owner' })],
  ['another family written in', () => tampered(owner.session, { fam: crypto.randomUUID() })],
  ['another person written in', () => tampered(owner.session, { sub: child.userId })],
  ['a later expiry written in', () => tampered(owner.session, { exp: now() + 86_400 })],
  ['a refresh token', () => owner.session.refresh_token],
  ['a session’s id', () => owner.session.session_id],
  ['a signing key', () => owner.session.signing_key.secret],
  ['half a token', () => owner.session.access_token.slice(0, -20)],
  ['a part too many', () => `${owner.session.access_token}.AA`],
  ['padding', () => `${owner.session.access_token}=`],
  ['a payload that is no JSON', () => token({ claims: 'not json' })],
  ['a payload that is a list', () => token({ claims: '[]' })],
  ['a payload that is null', () => token({ claims: 'null' })],
  ['a payload nested deeply', () => token({ claims: `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}` })],
]

describe.each(doors)('%s refuses', (_name, url) => {
  test.each(invalid)('%s', async (_what, make) => {
    expect(await ask(url(), `Bearer ${make()}`)).toEqual({ status: 401, code: 'token_invalid' })
  })

  test.each([
    ['a second ago', () => now() - 1],
    ['now', () => now()],
    ['with the century', () => 1],
  ])('what expired %s', async (_when, exp) => {
    const expired = token({ claims: { exp: exp() } })
    expect(await ask(url(), `Bearer ${expired}`)).toEqual({ status: 401, code: 'token_expired' })
  })
})

describe.each(doors)('%s takes', (_name, url) => {
  test.each([
    ['what the auth service gave', () => `Bearer ${owner.session.access_token}`],
    // RFC 9110: the name of a scheme may be written in any case.
    ['the scheme in small letters', () => `bearer ${owner.session.access_token}`],
    // RFC 9068: the type may have its prefix.
    ['the type with its prefix', () => `Bearer ${token({ header: { typ: 'application/at+jwt' } })}`],
    ['the type in capitals', () => `Bearer ${token({ header: { typ: 'AT+JWT' } })}`],
    ['one of several audiences', () => `Bearer ${token({ claims: { aud: ['other', 'common-purse-api'] } })}`],
    ['a clock half a minute ahead', () => `Bearer ${token({ claims: { iat: now() + 30 } })}`],
  ])('%s', async (_what, authorization) => {
    expect((await ask(url(), authorization())).status).toBe(200)
  })
})

describe('opens no account', () => {
  const open = (url: string, accessToken: string) =>
    createClient({ baseUrl: url }).send({
      method: 'POST',
      target: '/api/v1/accounts',
      body: '{"name":"Mine","kind":"cash","currency":"EUR"}',
      idempotencyKey: crypto.randomUUID(),
      credentials: { accessToken, signingKey: owner.session.signing_key },
    })
  const state = async () => {
    const { items } = await owner.ledger.call('listAccounts')
    const [written] = await rows('SELECT count(*)::int AS events FROM ledger.outbox')
    return { accounts: items.length, ...written }
  }

  test.each([
    ['at the gateway, signed with the key of the session', () => house.urls.gateway],
    ['at the ledger itself', () => house.urls.ledger],
  ])('%s', async (_where, url) => {
    expect((await open(url(), token())).status).toBe(201) // what follows fails by the token alone
    const before = await state()
    for (const [what, make] of invalid)
      expect([what, await open(url(), make())]).toMatchObject([
        what,
        { status: 401, body: { code: 'token_invalid' } },
      ])
    expect(await state()).toEqual(before)
  })
})
