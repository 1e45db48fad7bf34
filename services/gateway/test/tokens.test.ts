import { createHmac, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Claims, type GatewayHouse, type Person, startGatewayHouse } from './support/gateway-house.ts'

let house: GatewayHouse
beforeAll(async () => (house = await startGatewayHouse()))
afterAll(() => house.stop())

const ask = (token: string) =>
  house.send('/api/v1/accounts', { headers: { authorization: `Bearer ${token}` } })
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function forged(
  change: (header: Record<string, unknown>, claims: Record<string, unknown>) => void,
  sign = true,
): Promise<string> {
  const [head, body, signature] = (await house.mint()).token.split('.') as [string, string, string]
  const [header, claims] = [head, body].map(
    (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
  ) as [Record<string, unknown>, Record<string, unknown>]
  change(header, claims)
  return `${encode(header)}.${encode(claims)}.${sign ? signature : ''}`
}

test('lets a good token through', async () => {
  expect((await ask((await house.mint()).token)).status).toBe(200)
})

test('asks for a token, and says so in WWW-Authenticate', async () => {
  const answer = await house.send('/api/v1/accounts')
  expect([answer.status, answer.json.code]).toEqual([401, 'unauthenticated'])
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="unauthenticated"')
})

async function expectForwardsNothing(token: string) {
  const before = house.upstream.received.length
  const answer = await ask(token)
  expect([answer.status, answer.json.code]).toEqual([401, 'token_invalid'])
  expect(house.upstream.received).toHaveLength(before)
}

describe('refuses with token_invalid and forwards nothing', () => {
  const past = Math.floor(Date.now() / 1000) - 10
  const claims: [string, Claims][] = [
    ['another issuer', { iss: 'somebody' }],
    ['another audience', { aud: 'somebody' }],
    ['no family', { fam: undefined }],
    ['an unknown role', { role: 'emperor' }],
    ['no expiry', { exp: undefined }],
    ['a future start', { nbf: past + 1_000 }],
    ['a subject that is no id', { sub: 'admin' }],
  ]
  test.each(claims)('%s', async (_name, changes) => {
    await expectForwardsNothing((await house.mint(changes)).token)
  })

  test.each([
    ['algorithm none, unsigned', () => forged((header) => (header['alg'] = 'none'), false)],
    ['algorithm none, with a signature', () => forged((header) => (header['alg'] = 'none'))],
    ['tampered claims', () => forged((_header, changed) => (changed['role'] = 'adult'))],
  ])('%s', async (_name, make) => expectForwardsNothing(await make()))

  // Signed with the very key of the house, so that the header alone is wrong.
  test.each<[string, Record<string, unknown>]>([
    ['no type', { typ: undefined }],
    ['another type', { typ: 'JWT' }],
    ['no key id', { kid: undefined }],
    ['another key id', { kid: '../../etc/passwd' }],
    ['a key id that is no text', { kid: ['one'] }],
  ])('%s', async (_name, header) => expectForwardsNothing((await house.mint({}, undefined, header)).token))

  test('a key that the token brings along', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    for (const header of [{ jwk: publicKey.export({ format: 'jwk' }) }, { jku: 'http://127.0.0.1:9/keys' }])
      await expectForwardsNothing((await house.mint({}, privateKey, header)).token)
  })

  test('HS256 with the public key as its secret', async () => {
    const { keys } = (await (await fetch(house.keys.url)).json()) as { keys: unknown[] }
    const [, claims] = (await house.mint()).token.split('.') as [string, string]
    const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })}.${claims}`
    const signature = createHmac('sha256', JSON.stringify(keys[0])).update(signed).digest('base64url')
    expect((await ask(`${signed}.${signature}`)).json.code).toBe('token_invalid')
  })

  test('a key that is not ours', async () => {
    const stranger = await house.mint({}, generateKeyPairSync('ed25519').privateKey)
    expect((await ask(stranger.token)).json.code).toBe('token_invalid')
  })

  test.each(['', 'x', 'a.b', 'a.b.c.d', 'a.b.c=', '🙂.b.c'])('malformed: %s', async (token) => {
    const answer = await house.send('/api/v1/accounts', {
      headers: { authorization: `Bearer ${encodeURI(token)}` },
    })
    expect([answer.status, answer.json.code]).toEqual([401, 'token_invalid'])
  })
})

test('an expired token is told apart', async () => {
  const now = Math.floor(Date.now() / 1000)
  const answer = await ask((await house.mint({ iat: now - 1_000, exp: now - 1 })).token)
  expect([answer.status, answer.json.code]).toEqual([401, 'token_expired'])
})

test('the permission of the route is checked against the role in the token', async () => {
  const submit = (person: Person) =>
    house.send('/api/v1/transactions', {
      method: 'POST',
      body: '{}',
      person,
      idempotencyKey: crypto.randomUUID(),
    })
  const before = house.upstream.received.length
  const answer = await submit(await house.mint({ role: 'read_only' }))
  expect([answer.status, answer.json.code]).toEqual([403, 'permission_denied'])
  expect(answer.json.detail).toMatch(/transaction\.create.*owner, adult.*read_only/)
  expect(house.upstream.received).toHaveLength(before)
  expect((await submit(await house.mint({ role: 'child' }))).status).toBe(200)
})

test('keys that cannot be had are 503 and not 401', async () => {
  const other = await startGatewayHouse()
  try {
    other.keys.break()
    const answer = await other.send('/api/v1/accounts', { person: await other.mint() })
    expect([answer.status, answer.json.code]).toEqual([503, 'upstream_unavailable'])
    expect(answer.headers.get('retry-after')).toBe('1')
  } finally {
    await other.stop()
  }
})
