import { expect, test } from '@jest/globals'
import { Secret } from 'otpauth'
import { findUnusedStep, newTotpSecret, otpauthUri } from './totp-codes.ts'

/** The secret of RFC 6238's test vectors, and the last six of their digits. */
const secret = new Secret({ buffer: Uint8Array.from(Buffer.from('12345678901234567890')).buffer }).base32
const vectors: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
]
const at = (seconds: number) => new Date(seconds * 1000)

test.each(vectors)('RFC 6238 at %d', (seconds, code) => {
  const step = Math.floor(seconds / 30)
  expect(findUnusedStep(secret, code, { now: at(seconds), lastStep: 0 })).toBe(step)
})

test('one step of 30 seconds to either side counts, two do not', () => {
  const [seconds, code] = vectors[3]!
  const step = Math.floor(seconds / 30)
  const found = (away: number) => findUnusedStep(secret, code, { now: at(seconds + away * 30), lastStep: 0 })
  expect([-2, -1, 0, 1, 2].map(found)).toEqual([undefined, step, step, step, undefined])
})

test('a used code and those before it are over', () => {
  const [seconds, code] = vectors[4]!
  const step = Math.floor(seconds / 30)
  const found = (lastStep: number) => findUnusedStep(secret, code, { now: at(seconds), lastStep })
  expect([step - 1, step, step + 1].map(found)).toEqual([step, undefined, undefined])
})

test.each(['', '28708', '2870821', 'abcdef', '２８７０８２'])('%j is no code', (code) => {
  expect(findUnusedStep(secret, code, { now: at(59), lastStep: 0 })).toBeUndefined()
})

test('secrets are 160 bits, each another, and are shown with issuer and e-mail', () => {
  const made = newTotpSecret()
  expect(made).toMatch(/^[A-Z2-7]{32}$/)
  expect(newTotpSecret()).not.toBe(made)
  const uri = new URL(otpauthUri(made, 'ann@example.org'))
  expect(uri.protocol).toBe('otpauth:')
  expect(decodeURIComponent(uri.pathname)).toContain('Common Purse:ann@example.org')
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'Common Purse',
    secret: made,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
})
