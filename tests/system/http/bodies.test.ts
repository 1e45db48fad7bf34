import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chunked, close, head } from '../../support/raw-http.ts'
import {
  type AttackedHouse,
  problemOf,
  spending,
  startAttackedHouse,
  statusAndCode,
  write,
} from './attacked-house.ts'

let at: AttackedHouse
beforeAll(async () => {
  at = await startAttackedHouse()
}, 60_000)
afterAll(() => at.stop())

const MB = 1024 * 1024
const body = () => spending(at.account.id)
const next = () =>
  head(
    'GET /api/v1/accounts HTTP/1.1',
    'host: purse.example',
    `authorization: Bearer ${at.family.owner.session.access_token}`,
    close,
  )

/** Sends the signed spending with this body; answers status, code and the fields that are named. */
async function send(text: string | Buffer, type?: string | null) {
  const request = await at.spend(text)
  const lines = request.lines.filter((line) => type === undefined || !line.startsWith('content-type: '))
  const typed = typeof type === 'string' ? [...lines, `content-type: ${type}`] : lines
  const { answers } = await at.ask(write({ ...request, lines: typed }, { more: [close] }))
  expect(answers).toHaveLength(1)
  const { code, errors } = problemOf(answers[0]!)
  return { status: answers[0]!.status, code, fields: errors?.map(({ field }) => field), answer: answers[0]! }
}

async function expectNothing(work: () => Promise<void>): Promise<void> {
  const { rows } = (await at.traces()) as { rows: unknown }
  await work()
  expect(await at.traces()).toMatchObject({ rows })
}

describe('a body that is too large', () => {
  test('of exactly the size that is allowed is taken', async () => {
    expect((await send(body().padEnd(MB, ' '))).status).toBe(201)
  })

  test.each([
    [
      'told by its length',
      (text: string) => ({ framing: [`content-length: ${text.length}`], payload: text }),
    ],
    ['in one chunk', (text: string) => ({ framing: ['transfer-encoding: chunked'], payload: chunked(text) })],
    [
      'in many chunks',
      (text: string) => ({
        framing: ['transfer-encoding: chunked'],
        payload: `${(text.match(/[^]{1,4096}/g) ?? [])
          .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
          .join('')}0\r\n\r\n`,
      }),
    ],
  ])('%s, is refused, and the connection goes on', async (_how, change) => {
    await expectNothing(async () => {
      const text = body().padEnd(MB + 1, ' ')
      const { answers } = await at.ask(write(await at.spend(text), change(text)) + next())
      expect(answers.map(({ status }) => status)).toEqual([413, 200])
      expect(statusAndCode(answers[0]!)).toEqual([413, 'body_too_large'])
    })
  })

  test('that never ends is cut off', async () => {
    await expectNothing(async () => {
      const text = ' '.repeat(12 * MB)
      const change = { framing: ['transfer-encoding: chunked'], payload: chunked(text) }
      const { answers } = await at.ask(write(await at.spend(), change))
      expect(answers.map(statusAndCode)).toEqual([[413, 'body_too_large']])
    })
  })
})

describe('a body in another form is refused as unsupported:', () => {
  const packed: [string, string, (text: string) => Buffer][] = [
    ['gzip', 'gzip', (text) => gzipSync(text)],
    ['GZIP', 'GZIP', (text) => gzipSync(text)],
    ['deflate', 'deflate', (text) => deflateSync(text)],
    ['br', 'br', (text) => brotliCompressSync(text)],
    ['two codings', 'identity, gzip', (text) => gzipSync(text)],
    ['a coding nobody has', 'rot13', (text) => Buffer.from(text)],
    ['a bomb', 'gzip', () => gzipSync(Buffer.alloc(64 * MB))],
  ]
  test.each(packed)('%s', async (_name, coding, pack) => {
    const request = await at.spend(pack(body()))
    await expectNothing(async () => {
      const { answers } = await at.ask(write(request, { more: [`content-encoding: ${coding}`, close] }))
      expect(answers.map(statusAndCode)).toEqual([[415, 'unsupported_media_type']])
    })
  })

  test.each([
    null,
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/octet-stream',
    'application/jsonx',
    'application/json; charset=utf-16',
    'application/json;charset="latin1"',
    'application/json, text/plain',
    'json',
    '*/*',
  ])('Content-Type: %s', async (type) => {
    await expectNothing(async () => {
      expect(await send(body(), type)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
    })
  })

  test.each([
    'application/json',
    'APPLICATION/JSON; CHARSET=UTF-8',
    'application/json;charset="utf-8"',
    'application/purse+json',
  ])('but not Content-Type: %s', async (type) => expect((await send(body(), type)).status).toBe(201))
})

const within = (part: string) => body().replace('{', `{${part},`)
const instead = (field: string, json: string) =>
  JSON.stringify({ ...(JSON.parse(body()) as object), [field]: 'x' }).replace(
    new RegExp(`"${field}":"x"`),
    `"${field}":${json}`,
  )

describe('JSON that is none, or that two readers would read differently, is refused:', () => {
  const cases: [string, () => string | Buffer, string[]?][] = [
    ['nothing at all', () => '', ['type', 'account_id', 'amount', 'currency']],
    ['spaces', () => '  '],
    ['an array', () => `[${body()}]`, ['']],
    ['null', () => 'null', ['']],
    ['a text', () => '"{}"', ['']],
    ['a number', () => '1', ['']],
    ['true', () => 'true', ['']],
    ['an end that is missing', () => body().slice(0, -1)],
    ['something behind the end', () => `${body()}x`],
    ['two objects', () => `${body()}${body()}`],
    ['two lines of JSON', () => `${body()}\n${body()}`],
    ['single quotes', () => body().replaceAll('"', "'")],
    ['names without quotes', () => body().replace('"type"', 'type')],
    ['a comma too many', () => body().replace('}', ',}')],
    ['a comment', () => `/* x */${body()}`],
    ['a comment within', () => body().replace(',', ',//x\n')],
    ['a line break in a text', () => instead('description', '"a\nb"')],
    ['NaN', () => instead('amount', 'NaN')],
    ['Infinity', () => instead('amount', '-Infinity')],
    ['a hexadecimal number', () => instead('amount', '0x10')],
    ['a byte order mark', () => Buffer.from(`\ufeff${body()}`)],
    ['UTF-16', () => Buffer.from(body(), 'utf16le')],
    ['a byte that is no UTF-8', () => Buffer.from(instead('description', '"a\u00ffb"'), 'latin1')],
    ['a character written too long', () => Buffer.from(instead('description', '"\u00c0\u00af"'), 'latin1')],
    ['half a character', () => Buffer.from(instead('description', '"\u00ed\u00a0\u0080"'), 'latin1')],
    ['a NUL byte', () => instead('description', '"a\0b"')],
    ['a NUL', () => instead('description', '"a\\u0000b"'), ['description']],
    ['a lone surrogate', () => instead('description', '"a\\ud800b"'), ['description']],
    ['surrogates in the wrong order', () => instead('description', '"\\udc00\\ud800"'), ['description']],
    ['a name twice', () => within('"amount":"1.00"'), ['amount']],
    ['a name twice, once in escapes', () => within('"\\u0061mount":"900.00"'), ['amount']],
    ['a name twice further in', () => within('"more":{"a":{"b":1,"b":2}}'), ['b']],
    ['a name twice in a list', () => within('"more":[1,[{"a":1},{"a":1,"a":1}]]'), ['a']],
    ['__proto__', () => within('"__proto__":{"type":"income"}'), ['__proto__']],
    ['__proto__ in escapes', () => within('"\\u005f_proto__":{}'), ['__proto__']],
    ['__proto__ further in', () => within('"more":[{"__proto__":{}}]'), ['__proto__']],
    ['constructor', () => within('"constructor":{"prototype":{"admin":true}}'), ['constructor']],
    ['prototype', () => within('"more":{"prototype":{}}'), ['prototype']],
    ['an unknown name', () => within('"surprise":1'), ['surprise']],
    ['a name in other letters', () => within('"Amount":"1.00"'), ['Amount']],
    ['a name with a space', () => within('"amount ":"1.00"'), ['amount ']],
    [
      'a protected name',
      () => within('"status":"posted","id":"x","created_by":"x"'),
      ['status', 'id', 'created_by'],
    ],
    ['1e400', () => instead('amount', '1e400'), ['amount']],
    ['a huge number', () => instead('amount', '9'.repeat(400)), ['amount']],
    ['minus nothing', () => instead('amount', '-0'), ['amount']],
    ['a text of 900 kB', () => instead('description', `"${'a'.repeat(900_000)}"`), ['description']],
    ['100,000 lists', () => '['.repeat(100_000) + ']'.repeat(100_000), ['']],
    ['100,000 lists that do not end', () => '['.repeat(100_000)],
    ['100,000 lists in a field', () => instead('amount', '['.repeat(100_000) + ']'.repeat(100_000)), ['']],
    ['50,000 objects', () => within(`"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), ['']],
    ['21 levels', () => within(`"a":${'['.repeat(20)}${']'.repeat(20)}`), ['']],
  ]
  // A third parameter of its own would be taken for jest's `done` where a case names no fields.
  test.each(cases)('%s', async (...[, make, fields]) => {
    await expectNothing(async () => {
      const got = await send(make())
      expect([got.status, got.code]).toEqual([400, 'invalid_request'])
      if (fields) expect(got.fields?.toSorted()).toEqual(fields.toSorted())
      expect(got.answer.body.length).toBeLessThan(4_000)
    })
  })

  test('50,000 unknown names, of which as many are told as fit', async () => {
    const many = Array.from({ length: 50_000 }, (_, index) => `"x${index}":1`).join(',')
    const got = await send(within(many))
    expect([got.status, got.code, got.fields?.length]).toEqual([400, 'invalid_request', 100])
  })

  test('but not space around it', async () => {
    expect((await send(`\r\n\t ${body()} \r\n`)).status).toBe(201)
  })

  test('but not other letters than Latin ones, however they are written', async () => {
    const description = 'кофе ☕ 👩‍👧'
    const escaped = instead(
      'description',
      '"\\u043a\\u043e\\u0444\\u0435 \\u2615 \\ud83d\\udc69\\u200d\\ud83d\\udc67"',
    )
    for (const text of [instead('description', JSON.stringify(description)), escaped]) {
      const { answer } = await send(Buffer.from(text))
      expect(JSON.parse(answer.body)).toMatchObject({ description })
    }
  })
})
