import { Currency } from '@common-purse/contracts'

/** What a person meant by `12.50 coffee`, `-5 bread @cash` or `+2000 salary`. */
export interface Entry {
  type: 'expense' | 'income'
  /** Decimal string without sign; its places are not checked yet, they depend on the account. */
  amount: string
  currency?: string
  description?: string
  /** Name of an account, or the beginning of one. */
  account?: string
}

export type EntryProblem = 'empty' | 'amount' | 'zero' | 'long'

const DESCRIPTION_MAX = 200
const shape = /^([+\-−–])?\s*([0-9][0-9.,]*)(?:\s+(.*))?$/u
const accountName = /(?:^|\s)@(?:"([^"]+)"|“([^”]+)”|(\S+))/u
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** Reads a line as an entry of money, or says what is wrong with it. */
export function parseEntry(line: string): Entry | { problem: EntryProblem } {
  const text = line.toWellFormed().replaceAll(controls, ' ').trim()
  if (text === '') return { problem: 'empty' }
  const [, sign, number = '', rest = ''] = shape.exec(text) ?? []
  const amount = readAmount(number)
  if (amount === undefined) return { problem: 'amount' }
  if (!/[1-9]/.test(amount)) return { problem: 'zero' }
  const words = readWords(rest)
  if ((words.description ?? '').length > DESCRIPTION_MAX) return { problem: 'long' }
  return { type: sign === '+' ? 'income' : 'expense', amount, ...words }
}

/** `012,5` → `12.5`; undefined for what is not one number. */
function readAmount(number: string): string | undefined {
  const [, whole, fraction] = /^0*([0-9]{1,12})(?:[.,]([0-9]{1,3}))?$/.exec(number) ?? []
  if (whole === undefined) return undefined
  return fraction === undefined ? whole : `${whole}.${fraction}`
}

function readWords(rest: string): Pick<Entry, 'currency' | 'description' | 'account'> {
  const found = accountName.exec(rest)
  const account = found?.slice(1).find((name) => name !== undefined)
  const words = rest.replace(accountName, ' ').trim().split(/\s+/).filter(Boolean)
  const currency = Currency.safeParse(words[0]).success ? words.shift() : undefined
  const description = words.join(' ')
  return {
    ...(currency === undefined ? {} : { currency }),
    ...(description === '' ? {} : { description }),
    ...(account === undefined ? {} : { account }),
  }
}
