import { describe, expect, test } from '@jest/globals'
import { plainLine, shown } from './plain-text.ts'

describe('what people wrote', () => {
  test.each([
    ['  two\n\nlines\u0000 ', 'two lines'],
    ['12\u202e05\u202c', '1205'],
    ['lone \ud800 half', 'lone \ufffd half'],
    ['👨‍👩‍👧 home', '👨‍👩‍👧 home'],
    ['*bold* _x_ <b> [a](b)', '*bold* _x_ <b> [a](b)'],
  ])('%j is shown as %j', (text, expected) => {
    expect(plainLine(text)).toBe(expected)
    expect(shown(text)).toBe(expected)
  })

  test('is shortened between characters', () => {
    expect(shown('😀'.repeat(5), 4)).toBe('😀😀😀…')
    expect(shown('abcd', 4)).toBe('abcd')
  })

  test('is kept apart when it is written from right to left', () => {
    expect(shown('קפה')).toBe('\u2068קפה\u2069')
    expect(shown('قهوة 5')).toBe('\u2068قهوة 5\u2069')
  })
})
