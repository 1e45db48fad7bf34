import { describe, expect, test } from '@jest/globals'
import { decideVouched } from '../chain/decide-vouched.ts'
import { decideAnchor } from './decide-anchor.ts'

const end = (seq: number, hash = `hash ${seq}`) => ({ seq, hash })

describe('anchoring', () => {
  test('a chain that was never anchored, and one that grew, are anchored', () => {
    expect(decideAnchor(end(3), undefined, undefined)).toBe('publish')
    expect(decideAnchor(end(3), end(2), 'hash 2')).toBe('publish')
  })

  test('what another replica anchored meanwhile stays', () => {
    expect(decideAnchor(end(3), end(3), 'hash 3')).toBe('known')
    expect(decideAnchor(end(3), end(5), 'hash 5')).toBe('known')
  })

  test('a chain that lacks what was anchored is not anchored anew, however much it grows', () => {
    expect(decideAnchor(end(9), end(5), undefined)).toBe('contradicted')
    expect(decideAnchor(end(9), end(5), 'another')).toBe('contradicted')
  })
})

describe('the first entry that cannot be vouched for', () => {
  test('is the first missing one of a removed tail', () => {
    expect(decideVouched(4, end(3), end(6))).toBe(5)
  })

  test('is the one after the last anchor that fits, where entries were written anew together', () => {
    expect(decideVouched(6, end(3), end(6))).toBe(4)
    expect(decideVouched(6, end(0), end(2))).toBe(1)
  })

  test('is the place where entries cease to fit each other, when that comes first', () => {
    expect(decideVouched(1, end(0), end(2))).toBe(2)
  })
})
