import { locale } from './language.ts'

/** How many decimal places a sum of the API has; it always writes all that its currency has. */
export const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

/** "1234.50" EUR as people write it; the decimal string is never made a floating-point number. */
export function formatMoney(amount: string, currency: string): string {
  const places = placesOf(amount) // browsers do not agree with ISO 4217 about some currencies
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  })
  // The sign of spendings is a minus everywhere, and not a hyphen.
  return format.format(amount as Intl.StringNumericLiteral).replace('-', '−')
}

/** A sum as one types it: "12.00", or "12,00" where that is the way. */
export const exampleAmount = (places: number): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: places }).format(12)

export const zeroAmount = (places: number): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: places }).format(0)

const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
export const formatTime = (instant: string): string => time.format(new Date(instant))

const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
export const formatClock = (instant: string | Date): string => clock.format(new Date(instant))

const day = new Intl.DateTimeFormat(locale, {
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
export const formatDay = (instant: string): string => day.format(new Date(instant))

const utcMonth = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })
export const formatMonth = (instant: Date): string => utcMonth.format(instant)

const utcDay = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
export const formatUtcDay = (instant: Date): string => utcDay.format(instant)

export const formatList = (names: string[]): string =>
  new Intl.ListFormat(locale, { type: 'disjunction' }).format(names)
