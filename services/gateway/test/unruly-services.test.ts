import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Socket } from 'node:net'
import { type GatewayHouse, newKey, type Person, startGatewayHouse } from './support/gateway-house.ts'
import { exchange, sendRaw } from '../../../tests/support/raw-http.ts'
import { type RawService, startRawService } from './support/raw-service.ts'

let house: GatewayHouse
let service: RawService
let person: Person
beforeAll(async () => {
  service = await startRawService()
  house = await startGatewayHouse({ LEDGER_URL: service.url, UPSTREAM_TIMEOUT_MS: '2000' })
  person = await house.mint()
})
afterAll(async () => {
  await house.stop()
  await service.stop()
})
beforeEach(async () => {
  // So many good answers that the breaker, which looks at the last seconds, stays closed whatever one test does.
  answer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
  for (let call = 0; call < 10; call++) expect((await read()).status).toBe(200)
  service.heads.length = 0
})

const read = () => house.send('/api/v1/accounts', { person })
/** A read whose bytes count: the answer, and all that came. */
const readRaw = async () => {
  const { answers, text } = await exchange(
    house.url,
    `GET /api/v1/accounts HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${person.token}\r\n\r\n`,
  )
  return { ...answers[0], text }
}
const answer = (text: string) => service.answerWith((socket) => socket.write(text, 'latin1'))

/** That what one answer did to a connection is not seen by who comes next. */
async function expectNextIsWell(): Promise<void> {
  answer('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnext')
  for (let call = 0; call < 3; call++) expect(await readRaw()).toMatchObject({ status: 200, body: 'next' })
}

describe('an answer', () => {
  test('that trickles arrives whole, however long it takes, as long as it does not stop', async () => {
    const text = 'a byte, and another, ...'
    service.answerWith((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n`)
      trickle(socket, text, 100)
    })
    const startedAt = performance.now()
    expect((await read()).text).toBe(text)
    // Longer than a service may take to begin.
    expect(performance.now() - startedAt).toBeGreaterThan(2_000)
  })

  test('that is longer than it says is cut at that length, and the rest goes to nobody', async () => {
    answer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nothers')
    expect(await readRaw()).toMatchObject({ status: 200, body: '{}' })
    await expectNextIsWell()
  })

  test('that is shorter than it says breaks the connection', async () => {
    service.answerWith((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}'))
    await expect(read()).rejects.toThrow()
    expect((await readRaw()).text).toBe('')
    await expectNextIsWell()
  })

  test.each([204, 304])('of status %d has no body, whatever the service sends', async (status) => {
    answer(`HTTP/1.1 ${status} X\r\ncontent-length: 5\r\netag: "x"\r\n\r\nhello`)
    const received = await readRaw()
    expect(received).toMatchObject({ status, body: '' })
    if (status === 204) expect(received.headers!['content-length']).toBeUndefined()
    await expectNextIsWell()
  })

  test('that other answers go before of is the last one', async () => {
    answer(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    )
    const received = await readRaw()
    expect(received).toMatchObject({ status: 200, body: '{}' })
    expect(received.text.startsWith('HTTP/1.1 200')).toBe(true)
  })

  test.each([
    [
      'switches to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nbytes',
    ],
    ['has a status that is none', 'HTTP/1.1 099 X\r\ncontent-length: 2\r\n\r\n{}'],
    ['has no status', 'HTTP/1.1 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 7\r\n\r\n{}'],
    [
      'has a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'has a header with a bare CR',
      'HTTP/1.1 200 OK\r\nx-a: b\rset-cookie: c=d\r\ncontent-length: 2\r\n\r\n{}',
    ],
    ['has a header with a NUL', 'HTTP/1.1 200 OK\r\nx-a: b\0c\r\ncontent-length: 2\r\n\r\n{}'],
    ['has a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\ncontent-length: 2\r\n\r\n{}'],
    [
      'has headers without end',
      `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(40_000)}\r\ncontent-length: 2\r\n\r\n{}`,
    ],
  ])('that %s becomes a problem document', async (_what, text) => {
    answer(text)
    const received = await readRaw()
    expect(received.status).toBe(503)
    expect(received.headers!['content-type']).toContain('application/problem+json')
    expect(received.headers!['retry-after']).toBe('1')
    expect(received.headers!['set-cookie']).toBeUndefined()
    await expectNextIsWell()
  })

  test('keeps what the gateway says and what the service says of what it varies by', async () => {
    answer('HTTP/1.1 200 OK\r\nvary: accept-language\r\ncontent-length: 2\r\n\r\n{}')
    expect((await read()).headers.get('vary')).toBe('origin, accept-language')
  })

  test('that ends the connection is passed on', async () => {
    service.answerWith((socket) =>
      socket.end('HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}'),
    )
    const refused = await post('{}')
    expect([refused.status, refused.text]).toEqual([409, '{}'])
    await expectNextIsWell()
  })
})

const post = (body: string) =>
  house.send('/api/v1/transactions', { method: 'POST', body, person, idempotencyKey: newKey() })

test('a service that closes before it took the body is answered for by a problem document', async () => {
  service.answerWith((socket) => socket.resetAndDestroy())
  const refused = await post('x'.repeat(512 * 1024))
  expect([refused.status, refused.json.code]).toEqual([503, 'upstream_unavailable'])
  // A kept connection may have been closed by chance, so it is tried once more on a new one, and not again.
  expect(service.heads.length).toBeLessThanOrEqual(2)
  await expectNextIsWell()
})

test('a connection ends where its client asks for that, and is kept otherwise', async () => {
  const head = `GET /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${person.token}\r\n`
  const kept = await exchange(house.url, `${head}\r\n${head}connection: close\r\n\r\n`)
  const answers = kept.text.split(/(?=HTTP\/1\.1 )/)
  expect(answers.map((text) => text.slice(9, 12))).toEqual(['200', '200'])
  expect(answers.map((text) => /\r\nconnection: (.*)\r\n/i.exec(text)?.[1])).toEqual(['keep-alive', 'close'])
  const old = await sendRaw(house.url, head.replace('HTTP/1.1', 'HTTP/1.0') + '\r\n')
  expect(old).toMatchObject({ status: 200, body: '{}', headers: { connection: 'close' } })
})

/** Writes a byte at a time. */
function trickle(socket: Socket, text: string, everyMs: number): void {
  let at = 0
  const timer = setInterval(() => {
    socket.write(text[at++]!)
    if (at === text.length) clearInterval(timer)
  }, everyMs)
  socket.on('close', () => clearInterval(timer))
}
