import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createTokenBox } from './token-box.ts'

const secret = () => randomBytes(32).toString('base64url')
const [one, two] = [secret(), secret()]

test('opens for its owner, also after the key was rotated, and for nobody else', () => {
  const old = createTokenBox(new Map([['v1', one]]))
  const box = old.seal('tokens', '111')
  expect(box).not.toContain('tokens')
  expect(old.seal('tokens', '111')).not.toBe(box)
  const rotated = createTokenBox(
    new Map([
      ['v2', two],
      ['v1', one],
    ]),
  )
  expect(rotated.open(box, '111')).toBe('tokens')
  expect(rotated.seal('tokens', '111')).toMatch(/^v2\./)
  expect(rotated.open(box, '222')).toBeUndefined()
  expect(createTokenBox(new Map([['v2', two]])).open(box, '111')).toBeUndefined()
  expect(createTokenBox(new Map([['v1', two]])).open(box, '111')).toBeUndefined()
})

test('stays shut when it was touched', () => {
  const tokens = createTokenBox(new Map([['v1', one]]))
  const [version, data] = tokens.seal('tokens', '111').split('.')
  const bytes = Buffer.from(data!, 'base64url')
  bytes[20]! ^= 1
  expect(tokens.open(`${version}.${bytes.toString('base64url')}`, '111')).toBeUndefined()
  for (const text of ['', 'v1', 'v1.', 'v1.AAAA', 'nonsense'])
    expect(tokens.open(text, '111')).toBeUndefined()
})
