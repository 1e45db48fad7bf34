import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amountError, DecimalAmount, decimalPlaces, toDecimal, toMinorUnits } from '../src/index.ts'

/** All currencies of each number of places would say no more than a few of each. */
const currency = fc.constantFrom('JPY', 'KRW', 'VND', 'EUR', 'USD', 'RUB', 'KWD', 'BHD', 'TND')
const isAmount = (text: unknown) => DecimalAmount.safeParse(text).success
/** The largest sum that may be written: 12 digits before the point. */
const largest = (code: string) => 10n ** BigInt(12 + decimalPlaces(code)) - 1n

describe('money, whatever the sum', () => {
  test('what is written is read as the same', () => {
    fc.assert(
      fc.property(
        currency.chain((code) => fc.tuple(fc.constant(code), fc.bigInt(0n, largest(code)))),
        ([code, minor]) => {
          const text = toDecimal(minor, code)
          expect(isAmount(text)).toBe(true)
          expect(amountError(text, code)).toBeUndefined()
          expect(toMinorUnits(text, code)).toBe(minor)
          expect(text.split('.')[1]?.length ?? 0).toBe(decimalPlaces(code))
        },
      ),
    )
  })

  test('a balance below zero is the same with a sign', () => {
    fc.assert(
      fc.property(currency, fc.bigInt(1n, 10n ** 18n), (code, minor) => {
        expect(toDecimal(-minor, code)).toBe(`-${toDecimal(minor, code)}`)
      }),
    )
  })

  test('zeros at the end mean nothing, and places that the currency lacks are refused', () => {
    fc.assert(
      fc.property(currency, fc.nat(999_999), fc.stringMatching(/^[0-9]{1,3}$/), (code, whole, fraction) => {
        const text = `${whole}.${fraction}`
        const fits = fraction.length <= decimalPlaces(code)
        expect(amountError(text, code) === undefined).toBe(fits)
        if (fits)
          expect(toMinorUnits(text, code)).toBe(
            toMinorUnits(`${whole}.${fraction.padEnd(decimalPlaces(code), '0')}`, code),
          )
      }),
    )
  })

  test('of any text only digits with one point are read', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789.-+eE, ٣１_x\n\0') })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits, fc.double().map(String)), (text) => {
        const isPlain = /^[0-9]+(\.[0-9]+)?$/.test(text) && !text.includes('\n')
        const [whole = '', fraction = ''] = text.split('.')
        const right =
          isPlain && whole.length <= 12 && fraction.length <= 3 && (whole === '0' || !whole.startsWith('0'))
        expect(isAmount(text)).toBe(right)
      }),
      { numRuns: 2_000 },
    )
  })

  test('nothing but text is read', () => {
    fc.assert(
      fc.property(
        fc.anything().filter((value) => typeof value !== 'string'),
        (value) => expect(isAmount(value)).toBe(false),
      ),
    )
  })
})
