/** A month of UTC, as the reports of the API count them. */
export interface Month {
  year: number
  /** 0 to 11. */
  month: number
}

export const monthOf = (instant: Date): Month => ({
  year: instant.getUTCFullYear(),
  month: instant.getUTCMonth(),
})

export const firstDayOf = ({ year, month }: Month): Date => new Date(Date.UTC(year, month, 1))

export const monthAfter = ({ year, month }: Month, by: number): Month =>
  monthOf(new Date(Date.UTC(year, month + by, 1)))

/** `from` and `to` of a report about it; `to` is not included. */
export const periodOf = (month: Month) => ({
  from: firstDayOf(month).toISOString(),
  to: firstDayOf(monthAfter(month, 1)).toISOString(),
})

export const isSame = (a: Month, b: Month): boolean => a.year === b.year && a.month === b.month

export interface DayOfMonth {
  date: Date
  income: string
  expense: string
}

/** A line for every day of the month: the report's, or zeros written as its currency writes them. */
export function daysOf(
  month: Month,
  lines: readonly { key: string | null; income: string; expense: string }[],
  zero: string,
): DayOfMonth[] {
  const byDay = new Map(lines.map((line) => [line.key, line]))
  const last = new Date(firstDayOf(monthAfter(month, 1)).getTime() - 1).getUTCDate()
  return Array.from({ length: last }, (_, index) => {
    const date = new Date(Date.UTC(month.year, month.month, index + 1))
    const line = byDay.get(date.toISOString().slice(0, 10))
    return { date, income: line?.income ?? zero, expense: line?.expense ?? zero }
  })
}

/** A decimal sum in the smallest unit of its currency. */
export const minorUnits = (amount: string): bigint => BigInt(amount.replace('.', ''))

/** How much of `most` a sum is, in thousandths; something is at least a few of them, so that it can be seen. */
export function shareOf(amount: bigint, most: bigint): number {
  if (amount <= 0n || most <= 0n) return 0
  return Math.max(Number((amount * 1000n) / most), 12)
}
