import { expect, test } from '@jest/globals'
import { MESSAGE_MAX, splitText } from './split-text.ts'

test.each([
  ['short', 10, ['short']],
  ['one\ntwo\nthree', 8, ['one\ntwo', 'three']],
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['ab😀cd', 3, ['ab', '😀c', 'd']],
  ['a\n\n\nb', 2, ['a\n', '\nb']],
  ['', 3, []],
])('splits %j at %d', (text, max, parts) => expect(splitText(text, max)).toEqual(parts))

test('nothing that is read is lost, and every part fits', () => {
  const text = Array.from({ length: 500 }, (_, index) => `line ${index} 😀`.repeat((index % 7) + 1)).join(
    '\n',
  )
  const parts = splitText(text)
  expect(parts.join('\n')).toBe(text)
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(MESSAGE_MAX)
  expect(parts.length).toBeGreaterThan(2)
})
