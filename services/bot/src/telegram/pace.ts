import type { Rate } from '@common-purse/kit/config'

const KEYS_MAX = 10_000

/**
 * A limit for each key: so many at once, and then one after the other. Answers the milliseconds that the caller has to
 * wait; callers of one key go in the order in which they asked.
 */
export function createPace({ count, seconds }: Rate, now: () => number = () => performance.now()) {
  const interval = (seconds * 1000) / count
  const burst = interval * (count - 1)
  /** When everything that was let through would be over at the steady rate. */
  const busyUntil = new Map<string, number>()
  return (key: string): number => {
    const at = now()
    if (busyUntil.size >= KEYS_MAX)
      for (const [some, until] of busyUntil) if (until <= at) busyUntil.delete(some)
    const from = Math.max(at, busyUntil.get(key) ?? at)
    busyUntil.set(key, from + interval)
    return Math.max(0, from - burst - at)
  }
}
