import { createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newSessionKey } from '@common-purse/kit/signing-keys'
import { newKey, type Person, startGatewayHouse } from './support/gateway-house.ts'
import { handSigned } from './support/hand-signed.ts'
import { type RawAnswer, sendRaw } from '../../../tests/support/raw-http.ts'
import { body, type SignedSender, startSignedSender, target } from './support/sent-signed.ts'

let by: SignedSender
beforeAll(async () => {
  by = await startSignedSender()
})
afterAll(() => by.stop())

describe('path and query are the bytes that were sent', () => {
  const moved = async (from: string, to: string) =>
    by.outcome(by.post(by.signed({ target: from, body: '{}' }), to, '{}'))

  test.each([
    '/api/v1/transactions?a=1&b=2',
    '/api/v1/transactions?a=1&a=1',
    '/api/v1/transactions?a=%31',
    '/api/v1/transactions?q=%c3%a9',
    '/api/v1/transactions?q=%C3%A9',
    '/api/v1/transactions?q=a+b',
    '/api/v1/transactions?q=a%20b',
    '/api/v1/transactions?&&=&',
    '/api/v1/transactions?a?b/c',
    '/api/v1/transactions??',
  ])('%s', async (at) => expect(await moved(at, at)).toBe(200))

  test.each([
    ['?a=1&b=2', '?b=2&a=1'],
    ['?a=1', '?a=1&a=1'],
    ['?a=1&a=2', '?a=2&a=1'],
    ['?a=%31', '?a=1'],
    ['?q=%c3%a9', '?q=%C3%A9'],
    ['?q=a+b', '?q=a%20b'],
    ['?a=1', '?a=1&'],
    ['?a=1', ''],
    ['', '?a=1'],
    ['?', '??'],
  ])('signed for %s and sent to %s', async (from, to) => {
    expect(await moved(target + from, target + to)).toBe('signature_invalid')
  })

  // RFC 9421, 2.2.7: an absent query counts as an empty one.
  test.each([
    ['?', ''],
    ['', '?'],
  ])('an empty query signed as "%s" and sent as "%s" is the same', async (from, to) => {
    const answer = await raw(target + to, by.signed({ target: target + from, body: '{}' }), '{}')
    expect(answer.status).toBe(200)
    expect(by.house.upstream.received.at(-1)!.url).toBe(target + to)
  })
})

/** Sends headers, some of them twice, as they are. */
function raw(at: string, headers: Record<string, string | string[]>, sent = body): Promise<RawAnswer> {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  )
  const head = [
    `POST ${at} HTTP/1.1`,
    'host: x',
    'connection: close',
    `content-length: ${sent.length}`,
    ...lines,
  ]
  return sendRaw(by.house.url, `${head.join('\r\n')}\r\n\r\n${sent}`)
}

describe('a header twice is 400, before anybody chooses one', () => {
  test.each(['signature', 'signature-input', 'authorization', 'content-digest', 'idempotency-key'] as const)(
    '%s',
    async (name) => {
      const headers = by.signed()
      const before = by.house.upstream.received.length
      const answer = await raw(target, { ...headers, [name]: [headers[name]!, headers[name]!] })
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { code: 'invalid_request' }])
      expect(by.house.upstream.received).toHaveLength(before)
    },
  )
})

describe('the access token', () => {
  test('may stand behind a scheme in any letters, which are signed as sent', async () => {
    for (const scheme of ['bearer', 'BEARER'])
      expect(await by.sending({ authorization: `${scheme} ${by.person.token}` })).toBe(200)
    const headers = by.signed({ authorization: `bearer ${by.person.token}` })
    expect(await by.outcome(by.post({ ...headers, authorization: `Bearer ${by.person.token}` }))).toBe(
      'signature_invalid',
    )
  })

  test.each([
    ['two blanks', (token: string) => `Bearer  ${token}`],
    ['another scheme', (token: string) => `Token ${token}`],
    ['no scheme', (token: string) => token],
    ['two tokens', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['parameters', (token: string) => `Bearer ${token};a=1`],
  ])('%s is token_invalid', async (_name, write) => {
    const answer = await by.post(by.signed({ authorization: write(by.person.token) }))
    expect([answer.status, answer.json.code]).toEqual([401, 'token_invalid'])
  })
})

describe('the key', () => {
  const masters = ['v1', 'v2', 'v3'].map((version) => `${version}:${randomBytes(32).toString('base64url')}`)
  const mastersOf = (...entries: string[]) =>
    new Map(entries.map((entry) => entry.split(':') as [string, string]))

  test('of an older master secret holds while that secret is listed', async () => {
    const [old, current, other] = masters as [string, string, string]
    const own = await startGatewayHouse({ SIGNATURE_MASTER_SECRETS: `${current},${old}` })
    try {
      const somebody = await own.mint()
      const authorization = `Bearer ${somebody.token}`
      const ask = async (key: Person['key']) => {
        const headers = handSigned({ target, key, authorization, idempotencyKey: newKey() })
        const answer = await own.send(target, { method: 'POST', body: '{}', headers })
        return answer.json.code ?? answer.status
      }
      expect(somebody.key.key_id).toMatch(/^v2\./)
      expect(await ask(somebody.key)).toBe(200)
      expect(await ask(newSessionKey(mastersOf(old), somebody.sessionId))).toBe(200)
      expect(await ask(newSessionKey(mastersOf(other), somebody.sessionId))).toBe('signature_invalid')
      const renamed = { ...newSessionKey(mastersOf(old), somebody.sessionId), key_id: somebody.key.key_id }
      expect(await ask(renamed)).toBe('signature_invalid')
    } finally {
      await own.stop()
    }
  })

  test.each<[string, (id: string) => string]>([
    ['of no version', (id) => id.slice(3)],
    ['of another version', (id) => id.replace('v1', 'v7')],
    ['of a version with a zero before', (id) => id.replace('v1', 'v01')],
    ['in capitals', (id) => id.toUpperCase()],
    ['with something behind', (id) => `${id}0`],
    ['with a blank', (id) => ` ${id}`],
    ['empty', () => ''],
    ['a prototype', () => '__proto__'],
    ['with a quote', (id) => `${id}\\"`],
  ])('named %s is signature_invalid', async (_name, rename) => {
    const keyid = `"${rename(by.person.key.key_id)}"`
    expect(await by.sending({ params: { keyid } })).toBe('signature_invalid')
  })

  test.each([
    ['the id of the session', () => Buffer.from(by.person.sessionId)],
    ['the token', () => Buffer.from(by.person.token)],
    ['nothing', () => Buffer.alloc(0)],
    ['zeros', () => Buffer.alloc(32)],
    ['the secret as text', () => Buffer.from(by.person.key.secret)],
  ])('%s is not the secret', async (_name, secret) => {
    const key = { ...by.person.key, secret: secret().toString('base64url') }
    expect(await by.sending({ key })).toBe('signature_invalid')
  })

  test('a digest of the base without any key is no signature', async () => {
    const headers = by.signed()
    const mac = createHmac('sha256', '').update('').digest('base64')
    expect(await by.outcome(by.post({ ...headers, signature: `sig=:${mac}:` }))).toBe('signature_invalid')
  })
})

test('no change to the headers of a signature is taken, nor makes anything fail', async () => {
  const headers = by.signed()
  const piece = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom(
      ...headers['signature-input']!.split(/(?=[;" ])/),
      ', sig=:AAAA:',
      ':',
      '\\',
      ';sf',
      '?1',
      '@1',
    ),
  )
  const edit = fc.record({
    name: fc.constantFrom('signature-input', 'signature', 'content-digest'),
    at: fc.nat({ max: 200 }),
    drop: fc.nat({ max: 12 }),
    insert: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
  })
  await fc.assert(
    fc.asyncProperty(edit, async ({ name, at, drop, insert }) => {
      const old = headers[name]!
      const changed = (old.slice(0, at) + insert + old.slice(at + drop)).trim()
      fc.pre(changed !== old && !sameBytes(changed, old))
      const answer = await by.post({ ...headers, [name]: changed })
      expect([answer.status, answer.json.code]).toEqual([
        401,
        expect.stringMatching(/^(?:signature_invalid|signature_missing|digest_mismatch)$/),
      ])
    }),
    { numRuns: 200 },
  )
  expect(await by.outcome(by.post(headers))).toBe(200)
})

/** Base64 has several ways to write the same bytes: without padding, or with other bits where none count. */
function sameBytes(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => /^[\w-]+=:([A-Za-z0-9+/]+=?):$/.exec(text)?.[1])
  return (
    left !== undefined &&
    right !== undefined &&
    Buffer.from(left, 'base64').equals(Buffer.from(right, 'base64'))
  )
}
