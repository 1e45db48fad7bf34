import { expect, test } from '@jest/globals'
import { describeDevice } from './describe-device.ts'

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0',
    'Edge · Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36',
    'Chrome · Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari · iOS',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox · Linux'],
])('%s is %s', (userAgent, name) => {
  expect(describeDevice(userAgent)).toEqual({ kind: 'browser', name })
})

test.each([
  ['curl/8.5.0', 'curl'],
  ['python-requests/2.32', 'python-requests'],
  ['node', 'node'],
])('%s is the program %s', (userAgent, name) => {
  expect(describeDevice(userAgent)).toEqual({ kind: 'program', name })
})

test.each([
  undefined,
  '',
  'https://example.org',
  'example.org/1.0',
  'Everything is fine, tap Yes',
  '\u202eevil/1',
  'Chrome/131',
])('%j is not repeated to anybody beyond a name', (userAgent) => {
  const { name } = describeDevice(userAgent)
  expect(name).toMatch(/^(Chrome)?$/)
})
