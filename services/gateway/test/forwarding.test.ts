import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { connect } from 'node:net'
import { type GatewayHouse, headersFor, newKey, startGatewayHouse, until } from './support/gateway-house.ts'
import { sendRaw } from '../../../tests/support/raw-http.ts'

let house: GatewayHouse
beforeAll(async () => (house = await startGatewayHouse({ UPSTREAM_TIMEOUT_MS: '700' })))
afterAll(() => house.stop())
beforeEach(() => {
  house.upstream.received.length = 0
  house.upstream.answerWith()
})

describe('what the service receives', () => {
  test('the very bytes of the body, which re-serialising would change', async () => {
    const body = '{ "n": 9007199254740993,\n "a":1, "a" : 2, "e":1E2, "u":"\\u00e9" }  '
    const person = await house.mint()
    const answer = await house.send('/api/v1/transactions?b=2&a=%20x', {
      method: 'POST',
      body,
      person,
      idempotencyKey: newKey(),
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('{"big":9007199254740993}')
    const [received] = house.upstream.received
    expect(received!.body.toString()).toBe(body)
    expect(received!.url).toBe('/api/v1/transactions?b=2&a=%20x')
    expect(received!.headers['content-length']).toBe(String(Buffer.byteLength(body)))
    expect(received!.headers['transfer-encoding']).toBeUndefined()
  })

  test('bytes that are no text, sent in chunks, arrive whole and with their length', async () => {
    const person = await house.mint()
    const body = Buffer.from([0xff, 0x00, 0x7b, 0x0d, 0x0a, 0x80])
    const headers = await headersFor('/api/v1/transactions', {
      method: 'POST',
      body,
      person,
      idempotencyKey: newKey(),
    })
    const fields = Object.entries({ ...headers, connection: 'close', 'transfer-encoding': 'chunked' })
    const head = `POST /api/v1/transactions HTTP/1.1\r\nhost: x\r\n${fields.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`
    const chunks = [body.subarray(0, 2), body.subarray(2)].flatMap((c) => [
      Buffer.from(`${c.length}\r\n`),
      c,
      Buffer.from('\r\n'),
    ])
    const answer = await sendRaw(
      house.url,
      Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]),
    )
    expect(answer.status).toBe(200)
    expect(house.upstream.received[0]!.body).toEqual(body)
    expect(house.upstream.received[0]!.headers['content-length']).toBe('6')
    expect(house.upstream.received[0]!.headers['transfer-encoding']).toBeUndefined()
  })

  test('a body of just under a megabyte', async () => {
    const person = await house.mint()
    const body = Buffer.alloc(1024 * 1024, 'x')
    const answer = await house.send('/api/v1/transactions', {
      method: 'POST',
      body,
      person,
      idempotencyKey: newKey(),
    })
    expect(answer.status).toBe(200)
    expect(house.upstream.received[0]!.body.equals(body)).toBe(true)
  })

  test('its own ids and address, and none of the headers that claim an identity', async () => {
    const person = await house.mint()
    const claimed = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.9',
      'x-real-ip': '203.0.113.9',
      'x-request-id': 'chosen-by-the-client',
      'x-user-id': 'somebody',
      'x-family-id': 'somebody',
      'x-role': 'owner',
      baggage: 'user=somebody',
      cookie: 'a=b',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
    }
    const answer = await house.send('/api/v1/accounts', { person, headers: claimed })
    const { headers } = house.upstream.received[0]!
    for (const name of Object.keys(claimed).filter(
      (name) => !['x-forwarded-for', 'x-request-id'].includes(name),
    ))
      expect([name, headers[name]]).toEqual([name, undefined])
    expect(headers['x-forwarded-for']).toBe('127.0.0.1')
    expect(headers['x-request-id']).toBe(answer.headers.get('x-request-id'))
    expect(headers['x-request-id']).not.toBe('chosen-by-the-client')
    expect(headers['authorization']).toBe(`Bearer ${person.token}`)
  })

  test('a header named in Connection does not take another one away', async () => {
    const person = await house.mint()
    const answer = await sendRaw(
      house.url,
      `GET /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${person.token}\r\nconnection: close, authorization, x-request-id\r\n\r\n`,
    )
    expect(answer.status).toBe(200)
    expect(house.upstream.received[0]!.headers['authorization']).toBe(`Bearer ${person.token}`)
  })

  test('the trace that the client began, when it is well-formed', async () => {
    const person = await house.mint()
    const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await house.send('/api/v1/accounts', { person, headers: { traceparent: given, tracestate: 'a=1' } })
    await house.send('/api/v1/accounts', { person, headers: { traceparent: 'nonsense', tracestate: 'a=1' } })
    const [kept, made] = house.upstream.received
    expect(kept!.headers['traceparent']).toBe(given)
    expect(kept!.headers['tracestate']).toBe('a=1')
    expect(made!.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(made!.headers['tracestate']).toBeUndefined()
  })
})

describe('what the client receives', () => {
  test('refusals of the service as they are, without internal headers', async () => {
    house.upstream.answerWith((_req, res) => {
      res.writeHead(409, {
        'content-type': 'application/problem+json',
        'x-problem-code': 'last_owner',
        'x-powered-by': 'x',
        server: 'x',
      })
      res.end('{"code":"last_owner"}')
    })
    const answer = await house.send('/api/v1/accounts', { person: await house.mint() })
    expect(answer.status).toBe(409)
    expect(answer.text).toBe('{"code":"last_owner"}')
    for (const name of ['x-problem-code', 'x-powered-by', 'server'])
      expect(answer.headers.get(name)).toBeNull()
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a 503 problem within the time limit from a service that is silent, while others answer', async () => {
    const person = await house.mint()
    house.upstream.answerWith(() => undefined)
    const startedAt = Date.now()
    const answer = await house.send('/api/v1/accounts', { person })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.json.code).toBe('upstream_unavailable')
    expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'))
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Date.now() - startedAt).toBeLessThan(8_000) // the usual limit is ten seconds
    expect(house.upstream.received).toHaveLength(1)
  })

  test('a broken connection when the answer is cut in the middle', async () => {
    house.upstream.answerWith((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      res.write('{"half":')
      setTimeout(() => res.destroy(), 20)
    })
    const person = await house.mint()
    await expect(house.send('/api/v1/accounts', { person })).rejects.toThrow()
    house.upstream.answerWith((_req, res) => {
      res.write('{"chunked":')
      setTimeout(() => res.destroy(), 20)
    })
    await expect(house.send('/api/v1/accounts', { person })).rejects.toThrow()
  })

  test('a broken connection when the answer stops in the middle', async () => {
    house.upstream.answerWith((_req, res) => void res.write('{"stuck":'))
    await expect(house.send('/api/v1/accounts', { person: await house.mint() })).rejects.toThrow()
  })

  test('the answer also when the service closed the kept connection just before', async () => {
    const person = await house.mint()
    for (let round = 0; round < 5; round++) {
      house.upstream.answerWith((req, res) => {
        res.end('{}')
        setImmediate(() => req.socket.resetAndDestroy())
      })
      expect((await house.send('/api/v1/accounts', { person })).status).toBe(200)
    }
  })
})

test('a client that goes away ends the request at the service and counts for nobody', async () => {
  const person = await house.mint()
  let closed = 0
  let arrived: () => void = () => undefined
  house.upstream.answerWith((_req, res) => {
    res.on('close', () => closed++)
    arrived()
  })
  const { hostname, port } = new URL(house.url)
  for (let round = 0; round < 15; round++) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${person.token}\r\n\r\n`,
        ),
      )
      arrived = () => (socket.destroy(), resolve())
    })
  }
  await until(() => closed === 15)
  house.upstream.answerWith()
  expect((await house.send('/api/v1/accounts', { person })).status).toBe(200)
})

test('answers 503 at once from a service that is down, and is back soon after it is', async () => {
  const other = await startGatewayHouse({ LEDGER_URL: 'http://127.0.0.1:9' })
  try {
    const person = await other.mint()
    for (let call = 0; call < 20; call++) {
      const answer = await other.send('/api/v1/accounts', { person })
      expect([answer.status, answer.json.code]).toEqual([503, 'upstream_unavailable'])
    }
    expect((await other.send('/api/v1/audit/head', { person })).status).toBe(200)
    expect((await other.send('/health')).json).toMatchObject({
      status: 'degraded',
      services: { ledger: 'unavailable', auth: 'ok' },
    })
  } finally {
    await other.stop()
  }
})
