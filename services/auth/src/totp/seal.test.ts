import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { isSealedByCurrent, seal, unseal } from './seal.ts'

const secret = () => randomBytes(32).toString('base64url')
const first = secret()
const old = new Map([['v1', first]])
const rotated = new Map([
  ['v2', secret()],
  ['v1', first],
])

test('reads what was sealed, also after the master secret was rotated', () => {
  const sealed = seal(old, 'ann', 'JBSWY3DPEHPK3PXP')
  expect(sealed).not.toContain('JBSWY3DPEHPK3PXP')
  expect(unseal(old, 'ann', sealed)).toBe('JBSWY3DPEHPK3PXP')
  expect(unseal(rotated, 'ann', sealed)).toBe('JBSWY3DPEHPK3PXP')
  expect(isSealedByCurrent(old, sealed)).toBe(true)
  expect(isSealedByCurrent(rotated, sealed)).toBe(false)
})

test('the same text is sealed differently each time', () => {
  expect(seal(old, 'ann', 'x')).not.toBe(seal(old, 'ann', 'x'))
})

test('is nobody else’s, and nothing without its master secret', () => {
  const sealed = seal(old, 'ann', 'text')
  expect(() => unseal(old, 'eve', sealed)).toThrow()
  expect(() => unseal(new Map([['v1', secret()]]), 'ann', sealed)).toThrow()
  expect(unseal(new Map([['v2', secret()]]), 'ann', sealed)).toBeUndefined()
})

test('a changed byte is noticed', () => {
  const sealed = seal(old, 'ann', 'text')
  const bytes = Buffer.from(sealed.slice(3), 'base64url')
  for (const at of [0, 14, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    expect(() => unseal(old, 'ann', `v1.${changed.toString('base64url')}`)).toThrow()
  }
})
