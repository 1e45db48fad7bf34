import { describe, expect, test } from '@jest/globals'
import { isAtLeast } from './nats.ts'
import { parseVersion } from './programs.ts'

describe('parseVersion', () => {
  test.each([
    ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18'],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d41d8', '7.0.15'],
    ['nats-server: v2.9.10', '2.9.10'],
    ['error while loading shared libraries', undefined],
  ])('reads %j', (text, version) => expect(parseVersion(text)).toBe(version))
})

describe('isAtLeast', () => {
  test('compares numbers, not texts', () => {
    expect(isAtLeast('2.10.7', 2, 10)).toBe(true)
    expect(isAtLeast('2.9.10', 2, 10)).toBe(false)
    expect(isAtLeast('3.0.0', 2, 10)).toBe(true)
  })
})
