import { texts } from './texts.ts'

/** How many decimal places a sum of the API has; it always writes all that its currency has. */
export const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

/** "1234.50" EUR as people write it; the decimal string is never made a floating-point number. */
export function formatMoney(amount: string, currency: string): string {
  const places = placesOf(amount) // browsers do not agree with ISO 4217 about some currencies
  const format = new Intl.NumberFormat(texts.language, {
    style: 'currency',
    currency,
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  })
  return format.format(amount as Intl.StringNumericLiteral)
}

const time = new Intl.DateTimeFormat(texts.language, { dateStyle: 'medium', timeStyle: 'short' })

export const formatTime = (instant: string): string => time.format(new Date(instant))

export const formatList = (names: string[]): string =>
  new Intl.ListFormat(texts.language, { type: 'disjunction' }).format(names)
