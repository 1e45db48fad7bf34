export const EVERY_MS = 5_000
/** As far apart as it gets while nobody answers: a server that comes back is not run over. */
const LONGEST_MS = 60_000

/** What is known of the head of the trail: nothing before the first look, `unknown` where it could not be told. */
export type Seen = number | 'unknown' | undefined

/**
 * Whether to read everything again after a look at the trail, and when to look next. The second look always reads: something may
 * have happened between the page's first reading and the first look.
 */
export function decidePoll(seen: Seen, head: number | undefined, pauseMs: number) {
  const isFirst = seen === undefined
  const next: Seen = isFirst || head === undefined ? 'unknown' : head
  return {
    reads: !isFirst && head !== seen,
    seen: next,
    pauseMs: head === undefined ? Math.min(pauseMs * 2, LONGEST_MS) : EVERY_MS,
  }
}
