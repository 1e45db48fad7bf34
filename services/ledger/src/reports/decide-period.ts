import { wrongField } from '../wrong-field.ts'

/** From the first moment to the one that is not included any more. */
export interface Period {
  from: Date
  to: Date
}

const YEARS_MAX = 10

const startOfMonth = (moment: Date, monthsLater = 0) =>
  new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + monthsLater, 1))

/** Pure: the period of a report; bounds that are not given make it the `months` that end with the running one. */
export function decidePeriod(
  given: { from?: string | undefined; to?: string | undefined },
  now: Date,
  months: number,
): Period {
  const to = given.to === undefined ? startOfMonth(now, 1) : new Date(given.to)
  const from =
    given.from === undefined ? startOfMonth(new Date(to.getTime() - 1), 1 - months) : new Date(given.from)
  if (from >= to) throw wrongField('from', 'Expected a time before the end of the running month')
  const latest = new Date(from)
  latest.setUTCFullYear(from.getUTCFullYear() + YEARS_MAX)
  if (to > latest)
    throw wrongField(
      given.to === undefined ? 'from' : 'to',
      `Expected a period of at most ${YEARS_MAX} years`,
    )
  return { from, to }
}

/** A month of UTC that a period touches, with the moment at which it or the period ends. */
export interface Month {
  /** Such as 2026-05. */
  name: string
  end: Date
}

/** Pure: every month that the period touches, in order. */
export function monthsOf({ from, to }: Period): Month[] {
  const months: Month[] = []
  if (from >= to) return months
  for (let start = startOfMonth(from); start < to; start = startOfMonth(start, 1)) {
    const end = startOfMonth(start, 1)
    months.push({ name: start.toISOString().slice(0, 7), end: end < to ? end : to })
  }
  return months
}
