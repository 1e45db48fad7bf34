import { texts } from './texts.ts'

/** "1234.50" EUR as people write it; the decimal string is never made a floating-point number. */
export function formatMoney(amount: string, currency: string): string {
  const format = new Intl.NumberFormat(texts.language, { style: 'currency', currency })
  return format.format(amount as Intl.StringNumericLiteral)
}

const time = new Intl.DateTimeFormat(texts.language, { dateStyle: 'medium', timeStyle: 'short' })

export const formatTime = (instant: string): string => time.format(new Date(instant))

export const formatList = (names: string[]): string =>
  new Intl.ListFormat(texts.language, { type: 'disjunction' }).format(names)
