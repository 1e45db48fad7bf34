const FIRST_MS = 200
const LONGEST_MS = 5_000

/** How long to wait before the next start: 0.2 s, doubled each time up to 5 s, from the beginning after a good while. */
export function nextPause(lastMs: number, wasUpForAWhile: boolean): number {
  if (lastMs === 0 || wasUpForAWhile) return FIRST_MS
  return Math.min(lastMs * 2, LONGEST_MS)
}
