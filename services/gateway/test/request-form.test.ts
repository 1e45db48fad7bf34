import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GatewayHouse, startGatewayHouse } from './support/gateway-house.ts'
import { exchange, sendRaw } from '../../../tests/support/raw-http.ts'

let house: GatewayHouse
let token: string
beforeAll(async () => {
  house = await startGatewayHouse()
  token = (await house.mint()).token
})
afterAll(() => house.stop())

const head = (line: string, ...fields: string[]) => [line, ...fields, '', ''].join('\r\n')
const authorized = (line: string, ...fields: string[]) =>
  head(line, 'Host: x', `Authorization: Bearer ${token}`, ...fields)

describe('refuses with 400 invalid_request, closes, and lets nothing through', () => {
  test.each([
    ['an absolute target', () => authorized('GET http://x/api/v1/accounts HTTP/1.1')],
    ['an encoded path', () => authorized('GET /api/v1/acc%6funts HTTP/1.1')],
    ['an encoded slash', () => authorized('GET /api/v1/accounts%2f1 HTTP/1.1')],
    ['encoded dots', () => authorized('GET /api/v1/%2e%2e/accounts HTTP/1.1')],
    ['dot segments', () => authorized('GET /api/v1/x/../accounts HTTP/1.1')],
    ['an empty segment', () => authorized('GET //api/v1/accounts HTTP/1.1')],
    ['a backslash', () => authorized('GET /api/v1\\accounts HTTP/1.1')],
    ['a fragment', () => authorized('GET /api/v1/accounts#x HTTP/1.1')],
    ['a quote in the query', () => authorized('GET /api/v1/accounts?a="b" HTTP/1.1')],
    ['two hosts', () => authorized('GET /api/v1/accounts HTTP/1.1', 'Host: y')],
    ['no host', () => head('GET /api/v1/accounts HTTP/1.1', `Authorization: Bearer ${token}`)],
    ['two tokens', () => authorized('GET /api/v1/accounts HTTP/1.1', 'Authorization: Bearer x')],
    [
      'two types',
      () =>
        authorized(
          'POST /api/v1/accounts HTTP/1.1',
          'Content-Type: a/b',
          'Content-Type: a/b',
          'Content-Length: 0',
        ),
    ],
    [
      'a preflight with an absolute target',
      () => head('OPTIONS http://x/health HTTP/1.1', 'Host: x', 'Access-Control-Request-Method: GET'),
    ],
    [
      'a preflight with a body',
      () =>
        `${head('OPTIONS /health HTTP/1.1', 'Host: x', 'Content-Length: 2', 'Access-Control-Request-Method: GET')}{}`,
    ],
    ['TRACE', () => authorized('TRACE /api/v1/accounts HTTP/1.1')],
    ['CONNECT', () => head('CONNECT x:443 HTTP/1.1', 'Host: x:443')],
    ['a GET with a body', () => `${authorized('GET /api/v1/accounts HTTP/1.1', 'Content-Length: 2')}{}`],
    [
      'a GET with chunks',
      () =>
        `${authorized('GET /api/v1/accounts HTTP/1.1', 'Transfer-Encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`,
    ],
    [
      'a length and chunks',
      () =>
        `${authorized('POST /api/v1/accounts HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      () =>
        `${authorized('POST /api/v1/accounts HTTP/1.1', 'Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
    ],
    [
      'two lengths',
      () => `${authorized('POST /api/v1/accounts HTTP/1.1', 'Content-Length: 2', 'Content-Length: 3')}{}x`,
    ],
    ['a signed length', () => `${authorized('POST /api/v1/accounts HTTP/1.1', 'Content-Length: +2')}{}`],
    [
      'a hidden coding',
      () => `${authorized('POST /api/v1/accounts HTTP/1.1', 'Transfer-Encoding: xchunked')}0\r\n\r\n`,
    ],
    [
      'a coding of its own',
      () => `${authorized('POST /api/v1/accounts HTTP/1.1', 'Transfer-Encoding : chunked')}0\r\n\r\n`,
    ],
    [
      'another coding before chunked',
      () => `${authorized('POST /api/v1/accounts HTTP/1.1', 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n`,
    ],
    [
      'an expectation',
      () => authorized('POST /api/v1/accounts HTTP/1.1', 'Expect: a-miracle', 'Content-Length: 0'),
    ],
    ['a bare line feed', () => `GET /api/v1/accounts HTTP/1.1\nHost: x\nAuthorization: Bearer ${token}\n\n`],
    ['a folded header', () => authorized('GET /api/v1/accounts HTTP/1.1', 'X-A: b', ' c: d')],
    ['headers beyond 16 KB', () => authorized('GET /api/v1/accounts HTTP/1.1', `X-A: ${'a'.repeat(17_000)}`)],
    [
      'a hundred headers and more',
      () => authorized('GET /api/v1/accounts HTTP/1.1', ...Array.from({ length: 101 }, () => 'a: b')),
    ],
    ['no HTTP at all', () => 'hello\r\n\r\n'],
  ])('%s', async (_name, make) => {
    const before = house.upstream.received.length
    const { answers, text } = await exchange(house.url, make())
    const answer = answers[0]!
    expect([answer.status, answer.headers['content-type'], answer.headers['connection']]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
      'close',
    ])
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'invalid_request',
      status: 400,
      request_id: answer.headers['x-request-id'],
    })
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(house.upstream.received).toHaveLength(before)
  })
})

test('does not take the rest of a refused request for the next one', async () => {
  const inner = authorized('GET /api/v1/accounts HTTP/1.1')
  const before = house.upstream.received.length
  const answer = await sendRaw(
    house.url,
    `${authorized('GET /api/v1/audit/head HTTP/1.1', `Content-Length: ${inner.length}`)}${inner}`,
  )
  expect(answer.status).toBe(400)
  expect(house.upstream.received).toHaveLength(before)
})

test('answers several requests sent at once in their order', async () => {
  const { text } = await exchange(
    house.url,
    authorized('GET /api/v1/accounts HTTP/1.1') +
      authorized('GET /api/v1/nothing HTTP/1.1', 'Connection: close'),
  )
  expect(text.match(/HTTP\/1\.1 (\d+)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
})

describe('bodies', () => {
  test('above the limit: 413, whether the length was told or not', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1)
    const told = await house.send('/api/v1/auth/login', { method: 'POST', body: large })
    expect([told.status, told.json.code]).toEqual([413, 'body_too_large'])
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`
    const untold = await sendRaw(
      house.url,
      `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    )
    expect(untold.status).toBe(413)
  })

  test('compressed: 415', async () => {
    const answer = await house.send('/api/v1/auth/login', {
      method: 'POST',
      body: 'x',
      headers: { 'content-encoding': 'gzip' },
    })
    expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('a client that expects 100 Continue gets it', async () => {
    const body = '{"email":"a@b.example","password":"x"}'
    const { text } = await exchange(
      house.url,
      `POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/)
    expect(house.upstream.received.at(-1)!.headers['expect']).toBeUndefined()
  })
})

test('closes slow senders within 15 seconds and serves others meanwhile', async () => {
  const { hostname, port } = new URL(house.url)
  const closedAfter = (first: string, more: string) =>
    new Promise<number>((resolve) => {
      const startedAt = Date.now()
      const socket = connect(Number(port), hostname, () => socket.write(first))
      const drip = setInterval(() => socket.write(more), 500)
      socket.on('error', () => undefined)
      socket.on('data', () => undefined)
      socket.on('close', () => (clearInterval(drip), resolve(Date.now() - startedAt)))
    })
  const slow = [
    closedAfter('GET /api/v1/accounts HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'),
    closedAfter('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n', 'x'),
  ]
  expect((await house.send('/api/v1/audit/head', { person: await house.mint() })).status).toBe(200)
  for (const milliseconds of await Promise.all(slow)) expect(milliseconds).toBeLessThan(15_000)
}, 20_000)

describe('addresses and methods', () => {
  test('an unknown path is 404, another method 405 with Allow', async () => {
    const unknown = await house.send('/api/v1/nothing')
    expect([unknown.status, unknown.json.code]).toEqual([404, 'not_found'])
    const other = await house.send('/api/v1/accounts', { method: 'DELETE' })
    expect([other.status, other.json.code, other.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      'POST, GET, HEAD, OPTIONS',
    ])
    expect((await house.send('/api/v1/auth/login', { method: 'HEAD' })).status).toBe(405)
    expect((await house.send('/api/v1/accounts', { method: 'PROPFIND' })).status).toBe(405)
    expect((await house.send('/api/v1/accounts', { method: 'OPTIONS' })).headers.get('allow')).toBe(
      'POST, GET, HEAD, OPTIONS',
    )
  })

  test('the internal addresses do not exist here', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/v1', '/.env'])
      expect((await house.send(path)).status).toBe(404)
  })

  test('each answer has its own request id and the headers that protect a browser', async () => {
    const answers = [await house.send('/api/v1/nothing'), await house.send('/health')]
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('x-problem-code')).toBeNull()
    }
    expect(answers[0]!.headers.get('x-request-id')).not.toBe(answers[1]!.headers.get('x-request-id'))
  })
})
