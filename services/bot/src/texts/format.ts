import type { InEach, Language } from './language.ts'

/** Numbers and times as they are written in a language. Times are told in UTC and say so. */
export interface Formats {
  /** "1234.50" → "1,234.50 EUR" or "1 234,50 EUR", every digit of it: no float on the way. */
  money(amount: string, currency: string): string
  /** The same with its sign, "+" too. */
  signed(amount: string, currency: string): string
  count(number: number): string
  /** "24 Nov 2026, 19:07 UTC" */
  instant(iso: string): string
  /** "24 Nov" */
  day(iso: string): string
  /** "2026-11" → "November 2026" */
  month(month: string): string
}

const locales: Record<Language, { numbers: string; dates: string }> = {
  en: { numbers: 'en', dates: 'en-GB' },
  ru: { numbers: 'ru', dates: 'ru' },
}

/** Negative sums get a true minus sign: a hyphen is lost before a digit. */
const withMinus = (text: string) => text.replace(/^-/, '−')

function createFormats(language: Language): Formats {
  const { numbers, dates } = locales[language]
  const number = (text: string, signDisplay: 'auto' | 'always') => {
    const places = text.split('.')[1]?.length ?? 0
    const digits = { minimumFractionDigits: places, maximumFractionDigits: places }
    const format = new Intl.NumberFormat(numbers, { ...digits, signDisplay })
    return format.format(text as Intl.StringNumericLiteral)
  }
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(dates, { timeZone: 'UTC', ...options })
    return (iso: string) => format.format(new Date(iso))
  }
  const instant = date({
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const month = date({ month: 'long', year: 'numeric' })
  return {
    money: (amount, currency) => `${withMinus(number(amount, 'auto'))} ${currency}`,
    signed: (amount, currency) => `${withMinus(number(amount, 'always'))} ${currency}`,
    count: (value) => number(String(value), 'auto'),
    instant: (iso) => `${instant(iso)} UTC`,
    day: date({ day: 'numeric', month: 'short' }),
    month: (text) => month(`${text}-01T00:00:00Z`),
  }
}

export const formats: InEach<Formats> = { en: createFormats('en'), ru: createFormats('ru') }
