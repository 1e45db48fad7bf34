import { describe, expect, test } from '@jest/globals'
import { formats } from './format.ts'

/** Languages set numbers with spaces of several kinds. */
const even = (text: string) => text.replaceAll(/\s/gu, ' ')

describe('formats', () => {
  test.each([
    ['1234.50', 'EUR', '1,234.50 EUR', '1 234,50 EUR'],
    ['-0.05', 'EUR', '−0.05 EUR', '−0,05 EUR'],
    ['1250', 'JPY', '1,250 JPY', '1 250 JPY'],
    ['1.005', 'KWD', '1.005 KWD', '1,005 KWD'],
    // Far beyond what a float can hold.
    ['99999999999999999.99', 'EUR', '99,999,999,999,999,999.99 EUR', '99 999 999 999 999 999,99 EUR'],
  ])('%s %s', (amount, currency, en, ru) => {
    expect(even(formats.en.money(amount, currency))).toBe(en)
    expect(even(formats.ru.money(amount, currency))).toBe(ru)
  })

  test('signs', () => {
    expect(formats.en.signed('5.00', 'EUR')).toBe('+5.00 EUR')
    expect(formats.en.signed('-5.00', 'EUR')).toBe('−5.00 EUR')
  })

  test('times are those of UTC, in words of the language', () => {
    expect(even(formats.en.instant('2026-11-24T23:07:59+00:00'))).toBe('24 Nov 2026, 23:07 UTC')
    expect(even(formats.ru.instant('2026-11-25T02:07:59+03:00'))).toMatch(/^24 нояб\. 2026 г\., 23:07 UTC$/)
    expect(formats.en.day('2026-03-01T00:00:00Z')).toBe('1 Mar')
    expect(formats.en.month('2026-10')).toBe('October 2026')
    expect(even(formats.ru.month('2026-10'))).toBe('октябрь 2026 г.')
  })
})
