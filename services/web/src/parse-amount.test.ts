import { expect, test } from '@jest/globals'
import { amountPattern, parseAmount } from './parse-amount.ts'

test.each([
  ['12.50', '12.50'],
  ['12,5', '12.5'],
  [' 1 000,50 ', '1000.50'],
  ['1\u00a0000', '1000'],
  ['007', '7'],
  ['0,50', '0.50'],
  ['0', '0'],
  ['1,000', '1,000'], // a thousand or one: the server refuses it
  ['1.234,56', '1.234,56'],
  ['-5', '-5'],
  ['', ''],
])('%j is %j', (typed, sent) => expect(parseAmount(typed)).toBe(sent))

const accepts = (places: number, text: string) => new RegExp(`^(?:${amountPattern(places)})$`, 'v').test(text)

test('a field takes as many places as the currency has', () => {
  expect(['12', '12.5', '12,50', '1 000.50'].every((text) => accepts(2, text))).toBe(true)
  expect(['1,000', '12.', '-5', '1e3', '1.234,56'].some((text) => accepts(2, text))).toBe(false)
  expect(accepts(0, '12')).toBe(true)
  expect(accepts(0, '12.0')).toBe(false)
  expect(accepts(3, '12.345')).toBe(true)
})
