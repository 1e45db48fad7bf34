import { expect, test } from '@jest/globals'
import { createSessionKeys, newSessionKey, sessionKeyId } from './signing-keys.ts'

const session = '0193a5e0-7c1b-7000-8000-000000000001'
const other = '0193a5e0-7c1b-7000-8000-000000000002'
const masters = new Map([
  ['v2', 'q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c'],
  ['v1', 'c1x0z9l8k7j6h5g4f3d2s1a0p9o8i7u6y5t4r3e2w1q'],
])

test('finds the key that the session was given, each time', () => {
  const find = createSessionKeys(masters)
  const { key_id: keyId, secret } = newSessionKey(masters, session)
  for (let time = 0; time < 2; time++)
    expect(find(keyId, session)?.export().toString('base64url')).toBe(secret)
})

test('each master secret and each session has a key of its own', () => {
  const find = createSessionKeys(masters)
  const keys = [
    find(sessionKeyId('v1', session), session),
    find(sessionKeyId('v2', session), session),
    find(sessionKeyId('v1', other), other),
  ].map((key) => key?.export().toString('hex'))
  expect(keys).not.toContain(undefined)
  expect(new Set(keys).size).toBe(3)
})

test.each([
  ['another session', sessionKeyId('v1', session), other],
  ['an unknown secret', sessionKeyId('v3', session), session],
  ['something else', 'bot.v1', session],
])('has no key for %s, also when that key is remembered', (_name, keyId, sessionId) => {
  const find = createSessionKeys(masters)
  find(sessionKeyId('v1', session), session)
  expect(find(keyId, sessionId)).toBeUndefined()
})
