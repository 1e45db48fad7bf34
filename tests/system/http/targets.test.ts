import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ProblemCode } from '../../../libs/contracts/src/index.ts'
import { head } from '../../support/raw-http.ts'
import { type AttackedHouse, problemOf, startAttackedHouse, statusAndCode, write } from './attacked-house.ts'

let at: AttackedHouse
let token: string
beforeAll(async () => {
  at = await startAttackedHouse()
  token = `authorization: Bearer ${at.family.owner.session.access_token}`
}, 60_000)
afterAll(() => at.stop())

const path = '/api/v1/accounts'
const get = (target: string, ...more: string[]) =>
  head(`GET ${target} HTTP/1.1`, 'host: purse.example', token, 'connection: close', ...more)
const bytes = (text: string) => Buffer.from(text, 'latin1')

test('the address that all these are written otherwise of is one', async () => {
  for (const target of [path, `${path}?`, `${path}?limit=1`, `${path}?%6cimit=1`])
    expect((await at.ask(get(target))).answers.map(({ status }) => status)).toEqual([200])
})

/** Readers have understood each of these as `/api/v1/accounts`, or as something that is not looked at. */
const refused: [string, string, ProblemCode?][] = [
  ['absolute form', `http://purse.example${path}`],
  ['absolute form of https', `https://purse.example${path}`],
  ['absolute form of another scheme', `file://${path}`],
  ['authority form', 'purse.example:80'],
  ['an asterisk', '*'],
  ['no slash first', path.slice(1)],
  ['two slashes first', `/${path}`],
  ['another host behind two slashes', `//other.example${path}`],
  ['two slashes within', '/api/v1//accounts'],
  ['two slashes last', `${path}//`],
  ['a dot', '/api/./v1/accounts'],
  ['two dots', '/api/v1/families/../accounts'],
  ['two dots last', `${path}/..`],
  ['two dots and parameters', '/api/v1/families/..;/accounts', 'not_found'],
  ['encoded dots', '/api/v1/families/%2e%2e/accounts'],
  ['dots encoded twice', '/api/v1/families/%252e%252e/accounts'],
  ['dots of two bytes', '/api/v1/families/%c0%ae%c0%ae/accounts'],
  ['an encoded slash', '/api/v1%2faccounts'],
  ['an encoded backslash', '/api/v1%5caccounts'],
  ['an encoded letter', '/api/v1/%61ccounts'],
  ['an encoded question mark', `${path}%3flimit=1`],
  ['an encoded NUL', `${path}%00`],
  ['an encoded line break', `${path}%0d%0ax-user-id:%20someone`],
  ['a percent sign alone', `${path}%`],
  ['a backslash', '\\api\\v1\\accounts'],
  ['a backslash within', '/api\\v1/accounts'],
  ['a fragment', `${path}#here`],
  ['a fragment in the query', `${path}?limit=1#here`],
  ['parameters', `${path};jsessionid=1`, 'not_found'],
  ['a slash last', `${path}/`, 'not_found'],
  ['capitals', '/API/V1/ACCOUNTS', 'not_found'],
  ['an extension', `${path}.json`, 'not_found'],
  ['a tab', `/api/v1/acc\tounts`],
  ['a NUL', `${path}\0`],
  ['a bare line feed', `${path}\n`],
  ['a byte that is no ASCII', '/api/v1/acc\u00f6unts'],
  ['a full-width letter', Buffer.from('/api/v1/ａccounts').toString('latin1')],
  ['a space', '/api/v1/acc ounts'],
  ['a space in the query', `${path}?cursor=a b`],
  ['a byte that is no ASCII in the query', `${path}?cursor=\u00f6`],
  ['brackets in the query', `${path}?limit[]=1`],
  ['a broken escape in the query', `${path}?limit=%1`],
  ['one parameter twice', `${path}?limit=1&limit=2`],
  ['one parameter twice, once encoded', `${path}?limit=1&%6cimit=2`],
  ['a parameter that reaches a prototype', `${path}?__proto__=1`],
  ['an unknown parameter', `${path}?surprise=1`],
  ['a NUL in a parameter', `${path}?cursor=%00`],
  ['bytes that are no UTF-8 in a parameter', `${path}?cursor=%ff%fe`],
  ['20 kB', `${path}?cursor=${'a'.repeat(20_000)}`],
  ['12 kB of a cursor', `${path}?cursor=${'a'.repeat(12_000)}`],
  ['three thousand segments', '/a'.repeat(3_000), 'not_found'],
]

test.each(refused)('%s is refused', async (_name, target, code = 'invalid_request') => {
  const { answers } = await at.ask(bytes(get(target)))
  expect(answers.map(statusAndCode)).toEqual([[code === 'not_found' ? 404 : 400, code]])
})

describe('methods', () => {
  const ask = async (method: string, target: string) => {
    const request = head(`${method} ${target} HTTP/1.1`, 'host: purse.example', token, 'connection: close')
    const { answers } = await at.ask(request, { methods: [method] })
    expect(answers).toHaveLength(1)
    return answers[0]!
  }
  const transaction = '/api/v1/transactions/0197a6f2-5d3c-7f0e-9a51-3c1c2f4b7d10'

  test('HEAD is GET without the body, and says how long that would be', async () => {
    for (const target of [path, `${path}/${at.account.id}`, '/.well-known/jwks.json', '/openapi.json']) {
      const [whole, bare] = [await ask('GET', target), await ask('HEAD', target)]
      expect([bare.status, bare.body]).toEqual([200, ''])
      expect(bare.headers['content-type']).toBe(whole.headers['content-type'])
      expect(bare.headers['content-length']).toBe(String(Buffer.byteLength(whole.body)))
    }
  })

  test('HEAD of a file does not make the file', async () => {
    const answer = await ask('HEAD', '/api/v1/exports/transactions.csv')
    expect([answer.status, answer.headers['content-type'], answer.body]).toEqual([
      200,
      'text/csv; charset=utf-8',
      '',
    ])
  })

  test('HEAD is refused as GET is', async () => {
    const refusedHead = head(`HEAD ${path} HTTP/1.1`, 'host: purse.example', 'connection: close')
    const { answers } = await at.ask(refusedHead, { methods: ['HEAD'] })
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[401, '']])
    expect((await ask('HEAD', transaction)).status).toBe(404)
    expect((await ask('HEAD', '/api/v1/auth/login')).status).toBe(405)
  })

  test('OPTIONS and every refused method tell what an address knows', async () => {
    for (const [target, allow] of [
      [path, 'POST, GET, HEAD, OPTIONS'],
      [transaction, 'GET, HEAD, OPTIONS'],
      [`${transaction}/approve`, 'POST, OPTIONS'],
      ['/api/v1/approval-policy', 'GET, HEAD, PUT, OPTIONS'],
      ['/health', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await ask('OPTIONS', target)
      expect([answer.status, answer.headers['allow'], answer.body]).toEqual([204, allow, ''])
      const other = await ask('PROPFIND', target)
      expect([...statusAndCode(other), other.headers['allow']]).toEqual([405, 'method_not_allowed', allow])
    }
    expect(statusAndCode(await ask('OPTIONS', '/api/v1/nothing'))).toEqual([404, 'not_found'])
  })

  test.each(['TRACE', 'TRACK', 'DEBUG', 'CONNECT', 'PATCH', 'PUT', 'DELETE', 'QUERY', 'PURGE', 'LINK'])(
    '%s of a list changes nothing',
    async (method) => {
      const before = await at.traces()
      const answer = await ask(method, path)
      expect([400, 405]).toContain(answer.status)
      expect(problemOf(answer).code).toBe(answer.status === 405 ? 'method_not_allowed' : 'invalid_request')
      expect(await at.traces()).toEqual(before)
    },
  )

  test('a method in a header is no method', async () => {
    const before = await at.traces()
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const { answers } = await at.ask(get(`${path}?_method=POST`, `${name}: POST`))
      expect(answers.map(statusAndCode)).toEqual([[400, 'invalid_request']])
      const { answers: plain } = await at.ask(get(path, `${name}: DELETE`))
      expect(plain.map(({ status }) => status)).toEqual([200])
    }
    expect((await at.traces()) as { rows: unknown }).toMatchObject({
      rows: (before as { rows: unknown }).rows,
    })
  })
})

test('a change is refused at every address but its own', async () => {
  for (const target of [
    '/api/v1/transactions/',
    '/api/v1//transactions',
    '/api/v1/transactions;a',
    '/api/v1/x/../transactions',
  ]) {
    const line = `POST ${target} HTTP/1.1`
    const request = write(await at.spend(), { line, more: ['connection: close'] })
    await at.expectRefused(request, /;|\/$/.test(target) ? 'not_found' : 'invalid_request')
  }
})
