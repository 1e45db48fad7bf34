import { expect, test } from '@jest/globals'
import { decideAge } from './decide-age.ts'

const now = 1_700_000_000
const limits = { age: 60, ahead: 60 }

test.each([
  ['just now', now, undefined],
  ['at the end of its window', now - 60, undefined],
  ['a second later', now - 61, /61 seconds old; 60 are allowed/],
  ['as far ahead as is allowed', now + 60, undefined],
  ['a second further', now + 61, /61 seconds in the future/],
  ['before 1970', -1, /seconds old/],
  ['at the end of all times', 999_999_999_999_999, /in the future/],
])('a signature made %s', (_name, created, expected) => {
  if (expected) expect(decideAge(created, now, limits)).toMatch(expected)
  else expect(decideAge(created, now, limits)).toBeUndefined()
})
