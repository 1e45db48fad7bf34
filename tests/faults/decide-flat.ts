/** What was measured again and again of one thing, oldest first; undefined where there was nothing to measure. */
export interface Series {
  what: string
  unit: 'MB' | 'count' | 'ms' | 's'
  values: readonly (number | undefined)[]
}

/** How much more the last third may have than the middle one: a share of it, and so much beside. */
export interface Tolerance {
  share: number
  beside: number
}

export type Tolerances = Record<Series['unit'], Tolerance>

/** For half an hour; a minute is not long enough for a process to have warmed up. */
export const tolerances: Record<'full' | 'short', Tolerances> = {
  full: {
    MB: { share: 0.05, beside: 4 },
    count: { share: 0.1, beside: 5 },
    ms: { share: 0.5, beside: 20 },
    s: { share: 0, beside: 1 },
  },
  short: {
    MB: { share: 0.25, beside: 20 },
    count: { share: 0.25, beside: 15 },
    ms: { share: 2, beside: 200 },
    s: { share: 0, beside: 5 },
  },
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The medians of the three thirds of what was measured. */
export function thirdsOf({ values }: Series): [number, number, number] | undefined {
  const known = values.filter((value) => value !== undefined)
  if (known.length < 3) return undefined
  const cut = (n: number) => Math.round((known.length * n) / 3)
  return [0, 1, 2].map((n) => median(known.slice(cut(n), cut(n + 1)))) as [number, number, number]
}

/**
 * Says what grew. The first third is for warming up: the median of the last one may not be above that of the middle one by
 * more than the tolerance of its unit.
 */
export function decideFlat(series: Series, allowed: Tolerances): string | undefined {
  const thirds = thirdsOf(series)
  if (!thirds) return `${series.what} was measured fewer than three times`
  const [, middle, last] = thirds
  const { share, beside } = allowed[series.unit]
  if (last <= middle * (1 + share) + beside) return undefined
  const told = (value: number) => `${value.toFixed(series.unit === 's' ? 2 : 1)} ${series.unit}`
  return `${series.what} grew from ${told(middle)} to ${told(last)}`
}
