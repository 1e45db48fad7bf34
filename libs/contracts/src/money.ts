import * as z from 'zod'
import { type Currency, decimalPlaces } from './currencies.ts'

/** At most 12 digits before the point: thousands of such sums still fit a BIGINT of minor units. */
const WHOLE_DIGITS_MAX = 12
const shape = new RegExp(`^(0|[1-9][0-9]{0,${WHOLE_DIGITS_MAX - 1}})(?:\\.([0-9]{1,3}))?$`)

/** A sum as people write it, in the currency's own places: "12.50". Never a JSON number. */
export const DecimalAmount = z
  .string('Expected a decimal string such as "12.50", not a number')
  .regex(shape, 'Expected a decimal string such as "12.50": digits and a point, no sign, exponent or spaces')
  .meta({ id: 'DecimalAmount', examples: ['12.50'] })

/** A balance as the API answers it; it may be negative. */
export const SignedAmount = z
  .string()
  .regex(/^-?(0|[1-9][0-9]*)(\.[0-9]{1,3})?$/)
  .meta({ id: 'SignedAmount', examples: ['-12.50'] })

/** Says what is wrong with `text` as an amount of `currency`, or nothing when it is right. */
export function amountError(text: string, currency: Currency): string | undefined {
  const fraction = shape.exec(text)?.[2] ?? ''
  const places = decimalPlaces(currency)
  if (fraction.length <= places) return undefined
  return `${currency} has ${places} decimal places, expected ${places === 0 ? 'a whole number such as "1250"' : `at most ${places}`}`
}

/** "12.50" EUR → 1250n. The text must have passed {@link DecimalAmount} and {@link amountError}. */
export function toMinorUnits(text: string, currency: Currency): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(decimalPlaces(currency), '0'))
}

/** 1250n EUR → "12.50"; always with the currency's full number of places. */
export function toDecimal(minor: bigint, currency: Currency): string {
  const places = decimalPlaces(currency)
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, '0')
  const sign = minor < 0n ? '-' : ''
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
