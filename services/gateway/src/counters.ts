import type { Rate } from '@common-purse/kit/config'

/** One counter that a request counts in. */
export interface Counter {
  /** Its name in `RateLimit-Policy`. */
  name: string
  /** Whose it is: an address, a user, a family, … */
  subject: string
  rate: Rate
}

export interface Hit {
  /** Hits in this window, this one included. */
  count: number
  /** Milliseconds until the window ends. */
  leftMs: number
}

const KEYS_MAX = 50_000

const keyOf = ({ name, subject }: Counter) => `${name}:${subject}`
export const isAbove = ({ rate }: Counter, { count }: Hit): boolean => count > rate.count

function makeRoom(keys: Map<string, unknown>): void {
  if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value!)
}

/**
 * Counts in this process, for while the shared counters are away. As there, what comes after a counter that is above its
 * limit is only looked at: a person who asks too much does not use up what their family may ask. `now` is in milliseconds
 * of a clock that is never set.
 */
export function createLocalCounters(now: () => number = () => performance.now()) {
  const windows = new Map<string, { count: number; endsAt: number }>()
  const windowOf = (counter: Counter) => {
    const key = keyOf(counter)
    const known = windows.get(key)
    if (known && known.endsAt > now()) return known
    windows.delete(key)
    makeRoom(windows)
    const begun = { count: 0, endsAt: now() + counter.rate.seconds * 1000 }
    windows.set(key, begun)
    return begun
  }
  return (counters: readonly Counter[]): Hit[] => {
    let above = false
    return counters.map((counter) => {
      const window = windowOf(counter)
      if (!above) window.count++
      const hit = { count: window.count, leftMs: Math.ceil(window.endsAt - now()) }
      above ||= isAbove(counter, hit)
      return hit
    })
  }
}

/** Which counters are used up, so that a flood is refused without asking anybody. */
export interface UsedUp {
  /** Takes in what was learned of a counter. */
  learn(counter: Counter, hit: Hit): void
  /** Milliseconds until the counter begins anew, or undefined when nothing says that it is used up. */
  leftMs(counter: Counter): number | undefined
}

export function createUsedUp(now: () => number = () => performance.now()): UsedUp {
  const ends = new Map<string, number>()
  return {
    learn: (counter, { count, leftMs }) => {
      if (count < counter.rate.count) return
      makeRoom(ends)
      ends.set(keyOf(counter), now() + leftMs)
    },
    leftMs: (counter) => {
      if (ends.size === 0) return undefined
      const key = keyOf(counter)
      const end = ends.get(key)
      if (end === undefined) return undefined
      const left = end - now()
      if (left > 0) return left
      ends.delete(key)
      return undefined
    },
  }
}
