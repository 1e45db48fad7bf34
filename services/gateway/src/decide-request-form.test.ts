import { describe, expect, test } from '@jest/globals'
import { decideRequestForm, type RawRequest } from './decide-request-form.ts'

const request = (changes: Partial<RawRequest> = {}): RawRequest => ({
  method: 'GET',
  target: '/api/v1/accounts?limit=5&q=caf%C3%A9',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'purse.example', 'Accept', '*/*'],
  ...changes,
})
const withHeaders = (...pairs: string[]) => request({ method: 'POST', rawHeaders: ['host', 'x', ...pairs] })

test('takes an ordinary request', () => {
  expect(decideRequestForm(request())).toBeUndefined()
  expect(decideRequestForm(request({ target: '/' }))).toBeUndefined()
  expect(decideRequestForm(request({ target: '/a?' }))).toBeUndefined()
  expect(decideRequestForm(withHeaders('content-length', '5'))).toBeUndefined()
  expect(
    decideRequestForm(withHeaders('transfer-encoding', 'chunked', 'expect', '100-continue')),
  ).toBeUndefined()
  expect(decideRequestForm(request({ rawHeaders: ['host', 'x', 'content-length', '0'] }))).toBeUndefined()
  expect(decideRequestForm(request({ httpVersion: '1.0', rawHeaders: [] }))).toBeUndefined()
  expect(decideRequestForm(withHeaders('accept', 'a', 'accept', 'b'))).toBeUndefined()
})

describe('refuses a target', () => {
  test.each([
    'http://purse.example/api/v1/accounts',
    '*',
    '',
    'api',
    '/api/v1/%61ccounts',
    '/api/v1/accounts%2f..',
    '/api//v1/accounts',
    '//evil.example/',
    '/api/v1/../v1/accounts',
    '/api/./v1',
    '/api/v1/..',
    '/a\\b',
    '/a#b',
    '/a b',
    '/ä',
    '/a?x=%zz',
    '/a?x=%4',
    '/a?x="',
    '/a?x=[1]',
    '/a?x={}',
    '/a?x=|',
    '/a?#',
  ])('%s', (target) => expect(decideRequestForm(request({ target }))).toEqual(expect.any(String)))
})

describe('refuses headers', () => {
  test.each([
    ['two lengths', ['content-length', '5', 'Content-Length', '5']],
    ['two hosts', ['Host', 'y']],
    ['two tokens', ['authorization', 'a', 'Authorization', 'b']],
    ['two signatures', ['signature', 'a', 'signature', 'b']],
    ['two keys', ['idempotency-key', 'a', 'idempotency-key', 'b']],
    ['two digests', ['content-digest', 'a', 'content-digest', 'b']],
    ['a length and a coding', ['content-length', '5', 'transfer-encoding', 'chunked']],
    ['a length that is none', ['content-length', '+5']],
    ['a long length', ['content-length', '99999999999999999999']],
    ['another coding', ['transfer-encoding', 'gzip, chunked']],
    ['another expectation', ['expect', 'a miracle']],
  ])('%s', (_name, pairs) => expect(decideRequestForm(withHeaders(...pairs))).toEqual(expect.any(String)))

  test('no host, a host with a path, too many headers', () => {
    expect(decideRequestForm(request({ rawHeaders: [] }))).toMatch(/Host/)
    expect(decideRequestForm(request({ rawHeaders: ['host', 'x/y'] }))).toMatch(/Host/)
    const many = Array.from({ length: 101 }, (_, index) => [`x-${index}`, 'x']).flat()
    expect(decideRequestForm(withHeaders(...many))).toMatch(/headers/)
  })
})

test('refuses versions of HTTP that it does not speak, and chunks in one that has none', () => {
  for (const httpVersion of ['0.9', '2.0', '1.2'])
    expect(decideRequestForm(request({ httpVersion }))).toMatch(/Only HTTP/)
  const old = { ...withHeaders('transfer-encoding', 'chunked'), httpVersion: '1.0' }
  expect(decideRequestForm(old)).toMatch(/Transfer-Encoding/)
})

test('refuses methods that nobody needs, and bodies where none belongs', () => {
  expect(decideRequestForm(request({ method: 'TRACE' }))).toMatch(/TRACE/)
  expect(decideRequestForm(request({ rawHeaders: ['host', 'x', 'content-length', '1'] }))).toMatch(/no body/)
  expect(decideRequestForm(request({ rawHeaders: ['host', 'x', 'transfer-encoding', 'chunked'] }))).toMatch(
    /no body/,
  )
})
