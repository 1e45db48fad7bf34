import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../../support/eventually.ts'
import { close } from '../../support/raw-http.ts'
import {
  type AttackedHouse,
  type Signed,
  startAttackedHouse,
  statusAndCode,
  write,
} from './attacked-house.ts'

let at: AttackedHouse
beforeAll(async () => {
  at = await startAttackedHouse()
}, 60_000)
afterAll(() => at.stop())

const valueOf = ({ lines }: Signed, name: string) =>
  lines.find((line) => line.startsWith(`${name}: `))!.slice(name.length + 2)

describe('a header that is there twice is refused, equal or not:', () => {
  const single = [
    'host',
    'authorization',
    'content-type',
    'content-digest',
    'signature',
    'signature-input',
    'idempotency-key',
  ]
  test.each(single)('%s', async (name) => {
    for (const other of [undefined, 'other', '']) {
      const request = await at.spend()
      const second = `${name}: ${other ?? valueOf(request, name)}`
      const capitals = second.replace(/^[a-z]/, (letter) => letter.toUpperCase())
      await at.expectRefused(write(request, { more: [second, close] }))
      await at.expectRefused(write({ ...request, lines: [capitals, ...request.lines] }, { more: [close] }))
    }
  })

  test('a body’s coding', async () => {
    const more = ['content-encoding: identity', 'content-encoding: gzip', close]
    await at.expectRefused(write(await at.spend(), { more }))
  })
})

describe('a host that is none is refused:', () => {
  test.each(['x/y', 'user@purse.example', 'a b', 'a,b', 'purse.example?x', 'é', 'purse.example#'])(
    '%s',
    async (host) => {
      const request = await at.spend()
      const lines = [`host: ${host}`, ...request.lines.slice(1)]
      await at.expectRefused(Buffer.from(write({ ...request, lines }), 'latin1'))
    },
  )
})

interface Entry {
  actor: string
  session: string
  ip: string
  request: string
  traceparent: string
}

/** Who and where the newest event of the ledger says a change came from. */
async function newestEntry(): Promise<Entry> {
  const { rows } = await at.sql.query<{ entry: Entry }>(
    `SELECT jsonb_build_object('actor', payload->>'actorid', 'session', payload->>'sessionid', 'ip', payload->>'ip',
       'request', payload->>'requestid', 'traceparent', payload->>'traceparent') AS entry
     FROM ledger.outbox ORDER BY seq DESC LIMIT 1`,
  )
  return rows[0]!.entry
}

const someone = '0197a6f2-5d3c-7f0e-9a51-3c1c2f4b7d10'
const spoofed: [string, string[]][] = [
  ['X-Forwarded-For', ['x-forwarded-for: 203.0.113.9']],
  ['X-Forwarded-For twice', ['x-forwarded-for: 203.0.113.9', 'X-Forwarded-For: 203.0.113.10']],
  ['a chain of addresses', ['x-forwarded-for: 203.0.113.9, 127.0.0.1, ::1']],
  ['Forwarded', ['forwarded: for=203.0.113.9;host=purse.example;proto=https;by=10.0.0.1']],
  [
    'X-Real-IP and its like',
    ['x-real-ip: 203.0.113.9', 'true-client-ip: 203.0.113.9', 'x-client-ip: 203.0.113.9'],
  ],
  [
    'those of clouds',
    ['cf-connecting-ip: 203.0.113.9', 'fastly-client-ip: 203.0.113.9', 'x-cluster-client-ip: 203.0.113.9'],
  ],
  [
    'those of proxies',
    ['x-forwarded-host: other.example', 'x-forwarded-proto: https', 'x-forwarded-port: 1', 'via: 1.1 other'],
  ],
  [
    'names with underscores',
    ['x_forwarded_for: 203.0.113.9', 'content_length: 0', 'transfer_encoding: chunked'],
  ],
  [
    'an identity',
    [
      `x-user-id: ${someone}`,
      `x-session-id: ${someone}`,
      `x-family-id: ${someone}`,
      'x-role: child',
      'x-caller: {}',
      'remote-user: root',
    ],
  ],
  [
    'ids of the request',
    ['x-request-id: chosen-by-the-client', 'x-correlation-id: chosen', 'x-problem-code: last_owner'],
  ],
  ['a trace that is none', ['traceparent: junk', 'tracestate: a=b']],
  ['a trace of zeros', [`traceparent: 00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`]],
  [
    'two traces',
    [
      `traceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      `traceparent: 00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`,
    ],
  ],
  [
    'another address',
    [
      'x-original-url: /api/v1/accounts',
      'x-rewrite-url: /api/v1/accounts',
      'x-original-uri: /',
      'x-forwarded-uri: /',
    ],
  ],
  ['another method', ['x-http-method-override: DELETE', 'x-http-method: PUT', 'x-method-override: GET']],
  ['a cookie', [`cookie: session=${someone}; access_token=x`]],
]

const hops: [string, string[]][] = [
  ['away with the token', ['connection: authorization']],
  ['away with what is signed', ['connection: content-digest, signature, signature-input, idempotency-key']],
  ['away with type and host', ['connection: content-type, host, content-length']],
  ['away with what the gateway says', ['connection: x-forwarded-for, x-request-id, traceparent']],
  ['several lists', ['connection: close', 'Connection: authorization, close']],
  ['TE', ['te: trailers, deflate;q=0.5', 'connection: te']],
  [
    'a change to HTTP/2',
    ['connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'],
  ],
  [
    'a change to web sockets',
    [
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version: 13',
    ],
  ],
  [
    'words for proxies',
    [
      'proxy-connection: keep-alive',
      'proxy-authorization: Bearer x',
      'keep-alive: timeout=1000',
      'max-forwards: 0',
    ],
  ],
  ['a trailer told of', ['trailer: authorization']],
  ['a cache asked to answer', ['cache-control: only-if-cached', 'if-none-match: *', 'range: bytes=0-1']],
]

describe.each([
  ['a client’s word on who it is', spoofed],
  ['a client’s word on what is for the next hop', hops],
])('%s has no effect:', (_kind, cases) => {
  test.each(cases)('%s', async (_name, more) => {
    const { owner } = at.family
    const { answers } = await at.ask(write(await at.spend(), { more: [...more, close] }))
    expect(answers.map(({ status }) => status)).toEqual([201])
    const requestId = answers[0]!.headers['x-request-id']!
    expect(await newestEntry()).toEqual({
      actor: owner.userId,
      session: owner.session.session_id,
      ip: '127.0.0.1',
      request: requestId,
      traceparent: expect.stringMatching(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/),
    })
    expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    const line = await eventually(
      async () =>
        (
          await at.sql.query<{ ip: string; user_id: string; route: string; method: string }>(
            'SELECT ip, user_id, route, method FROM audit.access_log WHERE request_id = $1',
            [requestId],
          )
        ).rows,
      (rows) => rows.length > 0,
    )
    expect(line).toEqual([
      { ip: '127.0.0.1', user_id: owner.userId, route: '/api/v1/transactions', method: 'POST' },
    ])
  })
})

describe('a digest other than the one that was signed', () => {
  test.each([
    ['one more before it', (digest: string, sha512: string) => `${sha512}, ${digest}`, 'signature_invalid'],
    ['another kind alone', (_: string, sha512: string) => sha512, 'digest_mismatch'],
    ['an empty one', () => 'sha-256=::', 'digest_mismatch'],
    ['one of another type', () => 'sha-256=?1', 'digest_mismatch'],
    ['no field at all', () => 'junk junk', 'signature_invalid'],
    ['nothing', () => '', 'digest_mismatch'],
  ])('%s', async (_name, change, code) => {
    const request = await at.spend()
    const sha512 = `sha-512=:${createHash('sha512').update(request.body).digest('base64')}:`
    const digest = valueOf(request, 'content-digest')
    const lines = request.lines.map((line) =>
      line.startsWith('content-digest: ') ? `content-digest: ${change(digest, sha512)}` : line,
    )
    const before = await at.traces()
    const { answers } = await at.ask(write({ ...request, lines }, { more: [close] }))
    expect(answers.map(statusAndCode)).toEqual([[401, code]])
    expect(await at.traces()).toEqual(before)
  })
})
