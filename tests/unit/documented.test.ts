import { describe, expect, test } from '@jest/globals'
import { createJudge, type SeenAnswer } from '../support/documented.ts'

const judge = createJudge(true)
const headers: Record<string, string> = {
  'content-type': 'application/problem+json; charset=utf-8',
  'x-request-id': '0197a6f2-5d3c-7f0e-9a51-3c1c2f4b7d10',
}
const notFound = {
  type: '/problems/not_found',
  title: 'Not found',
  status: 404,
  detail: 'There is no such account',
  code: 'not_found',
  request_id: headers['x-request-id'],
  errors: [],
}
const seen = (
  change: Partial<SeenAnswer> & { json?: unknown; with?: Record<string, string | undefined> },
) => {
  const all: Record<string, string | undefined> = { ...headers, ...change.with }
  return judge({
    method: 'GET',
    target: '/api/v1/accounts/x',
    status: 404,
    header: (name) => all[name],
    body: JSON.stringify(change.json ?? notFound),
    ...change,
  })
}
const balance = { posted: '1.00', pending: '0.00', available: '1.00' }
const seenBalance = (json: unknown) =>
  seen({
    target: '/api/v1/accounts/x/balance?at=now',
    status: 200,
    json,
    with: { 'content-type': 'application/json' },
  })

test('lets pass what is documented, and what is no part of the document', () => {
  expect(seen({})).toBeUndefined()
  expect(seenBalance(balance)).toBeUndefined()
  expect(seen({ method: 'HEAD', body: '' })).toBeUndefined()
  expect(seen({ target: '/api/v1/nothing' })).toBeUndefined()
  expect(seen({ method: 'OPTIONS', status: 204, body: '' })).toBeUndefined()
  expect(seen({ target: '/docs', status: 200, body: '<html>' })).toBeUndefined()
})

describe('says what is not documented:', () => {
  test.each([
    ['a status', () => seen({ status: 410 }), 'getAccount 410: the status is not documented'],
    ['a code', () => seen({ json: { ...notFound, code: 'self_approval' } }), 'at code'],
    ['a status in the body', () => seen({ json: { ...notFound, status: 400 } }), 'at status'],
    ['a member of a problem', () => seen({ json: { ...notFound, surprise: 1 } }), '"surprise"'],
    ['a lacking header', () => seen({ with: { 'x-request-id': undefined } }), 'X-Request-Id is missing'],
    [
      'a media type',
      () => seen({ with: { 'content-type': 'text/html' } }),
      'the media type text/html is not documented',
    ],
    ['no JSON', () => seen({ body: '<html>' }), 'getAccount 404'],
    ['a member of an answer', () => seenBalance({ ...balance, owed: '1.00' }), '"owed"'],
    ['a lacking member', () => seenBalance({ ...balance, posted: undefined }), 'at posted'],
    ['a wrong value', () => seenBalance({ ...balance, posted: 'a lot' }), 'at posted'],
    [
      'another code at an address that is none',
      () => seen({ target: '/api/v1/nothing', json: { ...notFound, code: 'last_owner', status: 409 } }),
      'expected one of not_found',
    ],
    [
      'a method without Allow',
      () =>
        seen({ method: 'PUT', status: 405, json: { ...notFound, code: 'method_not_allowed', status: 405 } }),
      'Allow is missing',
    ],
    [
      'a body of an answer without one',
      () => seen({ method: 'DELETE', target: '/api/v1/auth/telegram', status: 204 }),
      'there is a body',
    ],
  ])('%s', (_what, judged, said) => {
    expect(judged()).toContain(said)
  })
})
