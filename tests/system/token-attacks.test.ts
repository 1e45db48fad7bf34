import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import type { ProblemDocument } from '../../libs/contracts/src/index.ts'
import { sendRaw } from '../../services/gateway/test/support/raw-request.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'

type Part = Record<string, unknown>

let house: House
let database: pg.Client
let owner: Person
let child: Person
let ours: { key: KeyObject; kid: string; x: string }

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  const family = await givenFamily(house, ['child'])
  owner = family.owner
  child = family.people['child']!
  const [jwk] = JSON.parse(house.env['TOKEN_SIGNING_KEYS']!) as { kid: string; x: string }[]
  ours = { key: createPrivateKey({ key: jwk!, format: 'jwk' }), kid: jwk!.kid, x: jwk!.x }
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)
const claimsOf = ({ session }: Person): Part =>
  JSON.parse(Buffer.from(session.access_token.split('.')[1]!, 'base64url').toString()) as Part
const header = (changes: Part = {}): Part => ({ alg: 'EdDSA', typ: 'at+jwt', kid: ours.kid, ...changes })

/** A token of the owner, changed, and signed as told: by our own key unless another is given. */
function token(change: { header?: Part; claims?: Part; key?: KeyObject; signature?: string } = {}): string {
  const content = `${encode(header(change.header))}.${encode({ ...claimsOf(owner), ...change.claims })}`
  const made = () => sign(null, Buffer.from(content), change.key ?? ours.key).toString('base64url')
  return `${content}.${change.signature ?? made()}`
}
const stranger = generateKeyPairSync('ed25519')
const strangersJwk = () => stranger.publicKey.export({ format: 'jwk' })

/** The owner's own signature under other words. */
const tampered = (claims: Part, of = owner) => {
  const [head, , signature] = of.session.access_token.split('.')
  return `${head}.${encode({ ...claimsOf(of), ...claims })}.${signature}`
}

function hmac(secret: string | Buffer): string {
  const content = `${encode(header({ alg: 'HS256' }))}.${encode(claimsOf(owner))}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}
const publicPem = () => createPublicKey(ours.key).export({ format: 'pem', type: 'spki' })

function byOtherAlgorithm(alg: 'ES256' | 'RS256'): string {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const content = `${encode(header({ alg }))}.${encode(claimsOf(owner))}`
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`
}

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
const changes = async (): Promise<unknown> =>
  (
    await database.query(
      'SELECT (SELECT count(*) FROM auth.outbox) AS auth, (SELECT count(*) FROM ledger.outbox) AS ledger',
    )
  ).rows[0]

const invalid: [string, () => string][] = [
  ['no algorithm and no signature', () => token({ header: { alg: 'none' }, signature: '' })],
  ['no algorithm and the signature of another token', () => token({ header: { alg: 'none' } })],
  ['another way to write none', () => token({ header: { alg: 'nOnE' }, signature: 'AA' })],
  ['HS256 with the public key as PEM', () => hmac(publicPem())],
  ['HS256 with the public key as JWK', () => hmac(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: ours.x }))],
  ['HS256 with the bytes of the public key', () => hmac(Buffer.from(ours.x, 'base64url'))],
  ['HS256 with an empty secret', () => hmac('')],
  ['ES256', () => byOtherAlgorithm('ES256')],
  ['RS256', () => byOtherAlgorithm('RS256')],
  ['a stranger’s key under our id', () => token({ key: stranger.privateKey })],
  ['a key embedded in the token', () => token({ header: { jwk: strangersJwk() }, key: stranger.privateKey })],
  [
    'a key at an address in the token',
    () => token({ header: { jku: 'http://127.0.0.1:9/keys', kid: 'theirs' }, key: stranger.privateKey }),
  ],
  [
    'a certificate at an address',
    () => token({ header: { x5u: 'http://127.0.0.1:9/cert' }, key: stranger.privateKey }),
  ],
  ['an embedded certificate', () => token({ header: { x5c: ['MIIB'] }, key: stranger.privateKey })],
  ['no key id', () => token({ header: { kid: undefined } })],
  ['an unknown key id', () => token({ header: { kid: 'unknown' } })],
  ['a key id that is a path', () => token({ header: { kid: '../../etc/passwd' } })],
  ['a key id that is SQL', () => token({ header: { kid: `${ours.kid}' OR '1'='1` } })],
  ['a key id that is a list', () => token({ header: { kid: [ours.kid] } })],
  ['a key id that is a number', () => token({ header: { kid: 1 } })],
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
  ['no id of its own', () => token({ claims: { jti: undefined } })],
  ['a higher role written in', () => tampered({ role: 'owner' }, child)],
  ['another family written in', () => tampered({ fam: crypto.randomUUID() })],
  ['another person written in', () => tampered({ sub: child.userId })],
  ['a later expiry written in', () => tampered({ exp: now() + 86_400 })],
  ['a refresh token', () => owner.session.refresh_token],
  ['a session’s id', () => owner.session.session_id],
  ['a signing key', () => owner.session.signing_key.secret],
  ['half a token', () => owner.session.access_token.slice(0, -20)],
  ['a part too many', () => `${owner.session.access_token}.AA`],
  ['padding', () => `${owner.session.access_token}=`],
  ['a payload that is no JSON', () => `${encode(header())}.${encode('not json')}.AA`],
  ['a payload that is a list', () => `${encode(header())}.${encode([])}.AA`],
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

  test.each([
    ['two spaces', () => `Bearer  ${owner.session.access_token}`],
    ['no scheme', () => owner.session.access_token],
    ['another scheme', () => `Basic ${Buffer.from('ann:secret').toString('base64')}`],
    ['the scheme alone', () => 'Bearer'],
    ['two tokens', () => `Bearer ${owner.session.access_token}, Bearer ${owner.session.access_token}`],
  ])('%s', async (_what, authorization) => {
    expect(await ask(url(), authorization())).toEqual({ status: 401, code: 'token_invalid' })
  })

  test('a token in the address', async () => {
    const answer = await fetch(`${url()}?access_token=${owner.session.access_token}`)
    expect(answer.status).toBe(401)
  })
})

describe.each(doors)('%s takes', (_name, url) => {
  test.each([
    ['what the auth service gave', () => `Bearer ${owner.session.access_token}`],
    // RFC 9110: the name of a scheme may be written in any case.
    ['the scheme in small letters', () => `bearer ${owner.session.access_token}`],
    // RFC 9068: the type may have its prefix.
    ['the type with its prefix', () => `Bearer ${token({ header: { typ: 'application/at+jwt' } })}`],
    ['one of several audiences', () => `Bearer ${token({ claims: { aud: ['other', 'common-purse-api'] } })}`],
    ['a clock half a minute ahead', () => `Bearer ${token({ claims: { iat: now() + 30 } })}`],
  ])('%s', async (_what, authorization) => {
    expect((await ask(url(), authorization())).status).toBe(200)
  })
})

test('none of it changed anything', async () => {
  const before = await changes()
  for (const [, make] of invalid)
    await fetch(`${house.urls.gateway}/api/v1/accounts`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${make()}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: '{"name":"Mine","kind":"cash","currency":"EUR"}',
    })
  expect(await changes()).toEqual(before)
})

test('two tokens in two headers are refused before anything is looked at', async () => {
  const good = `authorization: Bearer ${owner.session.access_token}\r\n`
  const request = `GET /api/v1/accounts HTTP/1.1\r\nhost: purse\r\n${good}${good}connection: close\r\n\r\n`
  const answer = await sendRaw(house.urls.gateway, request)
  expect(answer.status).toBe(400)
  expect(answer.body).toContain('invalid_request')
})

test('a token of 64 kB is refused', async () => {
  const answer = await fetch(`${house.urls.gateway}/api/v1/accounts`, {
    headers: { authorization: `Bearer ${'a'.repeat(65_536)}` },
  })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
})
