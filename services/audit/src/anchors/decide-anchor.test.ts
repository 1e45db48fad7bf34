import { describe, expect, test } from '@jest/globals'
import { decideVouched } from '../chain/decide-vouched.ts'
import { decideAnchor } from './decide-anchor.ts'

const end = (seq: number, hash = `hash ${seq}`) => ({ seq, hash })
const anchor = (seq: number) => ({ end: end(seq) })

describe('anchoring', () => {
  test('a chain that was never anchored, and one that grew, are anchored', () => {
    expect(decideAnchor(end(3), undefined, undefined)).toBe('publish')
    expect(decideAnchor(end(3), anchor(2), 'hash 2')).toBe('publish')
  })

  test('what another replica anchored meanwhile stays', () => {
    expect(decideAnchor(end(3), anchor(3), 'hash 3')).toBe('known')
    expect(decideAnchor(end(3), anchor(5), 'hash 5')).toBe('known')
  })

  test('a chain that lacks what was anchored is not anchored anew, however much it grows', () => {
    expect(decideAnchor(end(9), anchor(5), undefined)).toBe('contradicted')
    expect(decideAnchor(end(9), anchor(5), 'another')).toBe('contradicted')
  })

  test('a chain whose newest anchor cannot be read is not anchored anew either', () => {
    expect(decideAnchor(end(9), { end: null }, undefined)).toBe('contradicted')
    expect(decideAnchor(end(9), { end: null }, 'hash 9')).toBe('contradicted')
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

  test('is the one after the last anchor that fits, where the next cannot be read', () => {
    expect(decideVouched(6, end(6), null)).toBe(7)
    expect(decideVouched(9, end(6), null)).toBe(7)
    expect(decideVouched(2, end(6), null)).toBe(3)
  })
})
