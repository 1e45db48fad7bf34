/** The value below which this share (0…1) of the numbers lies. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const ms = (value: number) => `${value.toFixed(1)} ms`

/** Prints a limit with what was measured; true when it holds. */
export function holds(what: string, measured: number, relation: '>=' | '<=', limit: number): boolean {
  const ok = relation === '>=' ? measured >= limit : measured <= limit
  console.log(`${ok ? 'ok    ' : 'MISSED'} ${what}: ${measured.toFixed(2)} (${relation} ${limit})`)
  return ok
}
