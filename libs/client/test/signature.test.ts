import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { createSigner, createVerifier, httpbis } from 'http-message-signatures'
import { parseDictionary, type InnerList } from 'structured-headers'
import { contentDigest, signatureBase, signRequest } from '../src/index.ts'

const origin = 'https://purse.example'
const secret = randomBytes(32)
const key = { key_id: 'v1.0b8f6d3c-6c3a-4c1e-9d5e-0a1b2c3d4e5f', secret: secret.toString('base64url') }
const request = {
  method: 'POST',
  target: '/api/v1/transactions?dry_run=true&b=%20x',
  body: '{"amount":"12.50"}',
  authorization: 'Bearer a.b.c',
  idempotencyKey: 'order-1',
}

describe('the signature base', () => {
  test('agrees with RFC 9421, appendix B.2.5', () => {
    const headers: Record<string, string> = {
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
    }
    const [input] = parseDictionary(
      'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ).values()
    const base = signatureBase(
      {
        method: 'POST',
        target: '/foo?param=Value&Pet=dog',
        authority: 'example.com',
        header: (name) => headers[name],
      },
      input as InnerList,
    )
    expect(base).toBe(
      [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@authority": example.com',
        '"content-type": application/json',
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
      ].join('\n'),
    )
    const shared = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=='
    const signature = createHmac('sha256', Buffer.from(shared, 'base64')).update(base).digest('base64')
    expect(signature).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=')
  })

  test('counts an absent query as an empty one', () => {
    const base = signatureBase({ method: 'GET', target: '/a', header: () => undefined }, [
      [['@query', new Map<string, string>()]],
      new Map<string, string>(),
    ])
    expect(base.split('\n')[0]).toBe('"@query": ?')
  })

  test('refuses to cover a header that is not there', () => {
    const input: InnerList = [[['authorization', new Map()]], new Map()]
    expect(() => signatureBase({ method: 'GET', target: '/', header: () => undefined }, input)).toThrow(
      /no authorization/,
    )
  })
})

describe('an independent implementation', () => {
  test('accepts what we sign', async () => {
    const headers = await signRequest(request, key)
    const verified = await httpbis.verifyMessage(
      {
        keyLookup: async ({ keyid }) =>
          keyid === key.key_id
            ? { id: key.key_id, algs: ['hmac-sha256'], verify: createVerifier(secret, 'hmac-sha256') }
            : null,
        requiredFields: ['@method', '@path', '@query', 'content-digest', 'authorization', 'idempotency-key'],
        requiredParams: ['created', 'nonce', 'keyid', 'alg'],
      },
      { method: request.method, url: origin + request.target, headers },
    )
    expect(verified).toBe(true)
  })

  test.each([
    ['another method', { method: 'PUT' }],
    ['another path', { target: '/api/v1/transactions2?dry_run=true&b=%20x' }],
    ['a query in another order', { target: '/api/v1/transactions?b=%20x&dry_run=true' }],
  ])('rejects %s', async (_name, change) => {
    const headers = await signRequest(request, key)
    const message = { method: request.method, target: request.target, ...change }
    const verify = httpbis.verifyMessage(
      { keyLookup: async () => ({ verify: createVerifier(secret, 'hmac-sha256') }) },
      { method: message.method, url: origin + message.target, headers },
    )
    expect(await verify.catch(() => false)).not.toBe(true)
  })

  test('signs what we verify to the same base', async () => {
    const digest = await contentDigest(request.body)
    const signed = await httpbis.signMessage(
      {
        key: createSigner(secret, 'hmac-sha256', key.key_id),
        name: 'sig',
        fields: ['@method', '@path', '@query', 'content-digest', 'authorization', 'idempotency-key'],
        params: ['created', 'nonce', 'keyid', 'alg'],
        paramValues: { nonce: 'A'.repeat(24) },
      },
      {
        method: request.method,
        url: origin + request.target,
        headers: {
          'content-digest': digest,
          authorization: request.authorization,
          'idempotency-key': request.idempotencyKey,
        },
      },
    )
    const headers = signed.headers as Record<string, string>
    const find = (name: string) => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
    const [input] = parseDictionary(find('signature-input')!).values()
    const base = signatureBase({ ...request, header: find }, input as InnerList)
    const ours = createHmac('sha256', secret).update(base).digest('base64')
    expect(find('signature')).toBe(`sig=:${ours}:`)
  })
})

test('an empty body has a digest too', async () => {
  expect(await contentDigest(undefined)).toBe('sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:')
})

test('two signatures of the same request differ by their nonce', async () => {
  const [one, two] = await Promise.all([signRequest(request, key), signRequest(request, key)])
  expect(one['signature-input']).not.toBe(two['signature-input'])
})
