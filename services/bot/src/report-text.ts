import { type Answer, toDecimal, toMinorUnits } from '@common-purse/contracts'
import { shown } from './plain-text.ts'
import type { Texts } from './texts/index.ts'

type Summary = Answer<'getSummaryReport'>
type Line = Summary['items'][number]
type Total = Summary['totals'][number]

export interface ReportParts {
  /** Such as 2026-10. */
  month: string
  isRunning: boolean
  byCategory: Summary
  byMember: Summary
  /** Sums of the month before. */
  before: Total[]
}

const LINES_MAX = 10
const NAME_MAX = 40
const FIRST_MONTH = '1970-02'
const LAST_MONTH = '2199-11'

export const monthOf = (date: Date): string => date.toISOString().slice(0, 7)

const shiftMonth = (month: string, by: number): string => {
  const [year, number] = month.split('-').map(Number)
  return monthOf(new Date(Date.UTC(year!, number! - 1 + by)))
}

export const monthBefore = (month: string): string => shiftMonth(month, -1)
export const startOf = (month: string): string => `${month}-01T00:00:00Z`
export const startOfNext = (month: string): string => startOf(shiftMonth(month, 1))

/** What is written after /report; `running` when nothing is; undefined for what is no month. */
export function readMonth(words: string, running: string): string | undefined {
  const text = words.trim()
  if (text === '') return running
  const [, year, month = ''] = /^(\d{4})[-./](\d{1,2})$/.exec(text) ?? []
  const read = `${year}-${month.padStart(2, '0')}`
  const isMonth = /^\d{4}-(0[1-9]|1[0-2])$/.test(read)
  return isMonth && read >= FIRST_MONTH && read <= LAST_MONTH ? read : undefined
}

/** Pure: the month in each currency: sums, where the money went, who spent it, and the month before. */
export function reportText(parts: ReportParts, family: string, texts: Texts): string {
  const { report, format } = texts
  const name = format.month(parts.month)
  const title = report.title(parts.isRunning ? `${name} (${report.soFar})` : name, shown(family))
  const { totals } = parts.byCategory
  const currencies = [...new Set([...totals, ...parts.before].map(({ currency }) => currency))]
  const sections = currencies.map((currency) => sectionOf(parts, currency, texts))
  const body = totals.length === 0 ? [report.nothing, ...sections] : sections
  return [title, ...body, report.ownOnly].join('\n\n')
}

function sectionOf(parts: ReportParts, currency: string, texts: Texts): string {
  const { report, format } = texts
  const money = (sum: string) => format.money(sum, currency)
  const total = parts.byCategory.totals.find((one) => one.currency === currency)
  const sums = total
    ? [report.income(money(total.income)), report.expense(money(total.expense)), report.net(money(total.net))]
    : []
  const groups = [
    ...groupLines(report.byCategory, spentIn(parts.byCategory, currency), texts),
    ...groupLines(report.byMember, spentIn(parts.byMember, currency), texts),
  ]
  return [...sums, ...groups, ...beforeLine(parts, { currency, total }, texts)].join('\n')
}

/** The groups that spent something, the largest first. */
function spentIn({ items }: Summary, currency: string): Line[] {
  const spent = items.filter((line) => line.currency === currency && /[1-9]/.test(line.expense))
  return spent.toSorted((a, b) => compare(minor(b.expense, currency), minor(a.expense, currency)))
}

const minor = (sum: string, currency: string): bigint => toMinorUnits(sum, currency)
const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)

function groupLines(title: string, lines: Line[], { report, list, format }: Texts): string[] {
  if (lines.length === 0) return []
  const { currency } = lines[0]!
  const nameOf = ({ key, name }: Line) =>
    name === null ? (key === null ? report.noCategory : list.somebody) : shown(name, NAME_MAX)
  const first = lines.slice(0, LINES_MAX)
  const rest = lines.slice(LINES_MAX)
  const sum = rest.reduce((all, { expense }) => all + minor(expense, currency), 0n)
  const others = report.others(format.count(rest.length), format.money(toDecimal(sum, currency), currency))
  return [
    '',
    title,
    ...first.map((line) => `  ${nameOf(line)}: ${format.money(line.expense, currency)}`),
    ...(rest.length > 0 ? [`  ${others}`] : []),
  ]
}

function beforeLine(
  { month, before }: ReportParts,
  { currency, total }: { currency: string; total: Total | undefined },
  { report, format }: Texts,
): string[] {
  const last = before.find((one) => one.currency === currency)
  if (!last) return []
  const change = changeOf(last.expense, total?.expense ?? '0', currency)
  const sums = [last.income, last.expense].map((sum) => format.money(sum, currency)) as [string, string]
  return ['', report.before(format.month(monthBefore(month)), ...sums, change)]
}

/** "+12 %": how much more is spent than before; undefined where nothing was spent before. */
export function changeOf(before: string, now: string, currency: string): string | undefined {
  const [old, current] = [minor(before, currency), minor(now, currency)]
  if (old === 0n) return undefined
  const tenths = ((current - old) * 1000n) / old
  const percent = (tenths < 0n ? tenths - 5n : tenths + 5n) / 10n
  const sign = percent > 0n ? '+' : percent < 0n ? '−' : '±'
  return `${sign}${percent < 0n ? -percent : percent} %`
}
