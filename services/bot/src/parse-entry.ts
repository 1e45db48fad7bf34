import { Currency } from '@common-purse/contracts'
import { plainLine } from './plain-text.ts'

/** What a person meant by `12.50 coffee`, `-5 bread @cash #food`, `+2000 salary` or `100 @wallet > @savings`. */
export interface Entry {
  type: 'expense' | 'income' | 'transfer'
  /** Decimal string without sign; its places are not checked yet, they depend on the account. */
  amount: string
  currency?: string
  description?: string
  /** Name of an account, or the beginning of one. */
  account?: string
  /** The account that a transfer goes to, likewise. */
  to?: string
  /** Name of a category, or the beginning of one. */
  category?: string
}

export type EntryProblem = 'empty' | 'amount' | 'twice' | 'huge' | 'zero' | 'long' | 'currencies'

const DESCRIPTION_MAX = 200
const WHOLE_DIGITS_MAX = 12

const symbols: Readonly<Record<string, string>> = {
  '€': 'EUR',
  $: 'USD',
  '£': 'GBP',
  '¥': 'JPY',
  '₽': 'RUB',
  '₴': 'UAH',
  '₺': 'TRY',
  '₹': 'INR',
  '₸': 'KZT',
  '₩': 'KRW',
  '₪': 'ILS',
}
const unit = String.raw`[€$£¥₽₴₺₹₸₩₪]|[A-Z]{3}(?![\p{L}\p{N}])`
const shape = new RegExp(
  String.raw`^(?<sign>[+\-−–])?\s*(?<before>${unit})?\s*(?<number>[0-9][0-9.,]*)(?:\s*(?<after>${unit}))?(?:\s+(?<rest>.*))?$`,
  'u',
)
const name = String.raw`@(?:"([^"]+)"|“([^”]+)”|«([^»]+)»|([^\s>@]+))`
const accountName = new RegExp(String.raw`(?:^|\s)${name}`, 'u')
const toAccountName = new RegExp(String.raw`(?:^|\s)?(?:[-=]?>|→)\s*${name}`, 'u')
const categoryName = /(?:^|\s)#(\p{L}[\p{L}\p{N}_-]*)/u

/** Reads a line as an entry of money, or says what is wrong with it. */
export function parseEntry(line: string): Entry | { problem: EntryProblem } {
  const text = plainLine(line)
  if (text === '') return { problem: 'empty' }
  const { sign, before, number = '', after, rest } = partsOf(text)
  const amount = readAmount(number)
  if (typeof amount !== 'string') return amount
  // "12 500 rent" is 12500 to some and 12 to others, and nobody is to find out on their account.
  if (/^[0-9][0-9.,]*(\s|$)/.test(rest)) return { problem: 'twice' }
  const currency = readCurrency(before, after)
  if (currency === undefined) return { problem: 'currencies' }
  const words = readWords(rest)
  if ((words.description ?? '').length > DESCRIPTION_MAX) return { problem: 'long' }
  return { type: typeOf(sign, words), amount, ...(currency === '' ? {} : { currency }), ...words }
}

const typeOf = (sign: string | undefined, { to }: Words): Entry['type'] =>
  to === undefined ? (sign === '+' ? 'income' : 'expense') : 'transfer'

function partsOf(text: string) {
  const found = shape.exec(text)?.groups ?? {}
  const { sign, before, number, after, rest = '' } = found
  // "5 USB cable" is about a cable.
  const isWord = after !== undefined && !isUnit(after)
  return isWord
    ? { sign, before, number, after: undefined, rest: `${after} ${rest}`.trim() }
    : { sign, before, number, after, rest }
}

/** `012,5` → `12.5`; a problem for what is not one number above zero. */
function readAmount(number: string): string | { problem: EntryProblem } {
  const [, whole, fraction] = /^0*([0-9]+)(?:[.,]([0-9]{1,3}))?$/.exec(number) ?? []
  if (whole === undefined) return { problem: 'amount' }
  if (whole.length > WHOLE_DIGITS_MAX) return { problem: 'huge' }
  const amount = fraction === undefined ? whole : `${whole}.${fraction}`
  return /[1-9]/.test(amount) ? amount : { problem: 'zero' }
}

/** The currency before or after the number; '' for none, undefined for two or one that does not exist. */
function readCurrency(before: string | undefined, after: string | undefined): string | undefined {
  const codes = [before, after].filter((text) => text !== undefined).map((text) => symbols[text] ?? text)
  const [code = '', second = code] = codes
  return code === second && (code === '' || isUnit(code)) ? code : undefined
}

const isUnit = (text: string | undefined): boolean =>
  text !== undefined && (text in symbols || Currency.safeParse(text).success)

type Words = Pick<Entry, 'description' | 'account' | 'to' | 'category'>

function readWords(text: string): Words {
  const words: Words = {}
  let rest = text
  const take = (key: keyof Words, pattern: RegExp) => {
    const found = pattern.exec(rest)
    const value = found?.slice(1).find((part) => part !== undefined)
    if (value === undefined) return
    // "@cash, please" is about "cash".
    words[key] = value.replace(/[,.;:!?]+$/, '') || value
    rest = rest.replace(pattern, ' ')
  }
  take('to', toAccountName)
  take('account', accountName)
  take('category', categoryName)
  const description = rest.trim().replaceAll(/\s+/g, ' ')
  if (description !== '') words.description = description
  return words
}
