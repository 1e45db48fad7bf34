import type { Rate } from '@common-purse/kit/config'
import type { RedisLink } from './redis-link.ts'

export interface Hit {
  /** Hits in this window, this one included. */
  count: number
  /** Milliseconds until the window ends. */
  leftMs: number
}

export type CountHit = (key: string, rate: Rate) => Promise<Hit>

const LIMIT_MS = 300
const LOCAL_KEYS_MAX = 50_000

/** Counts in Redis, shared by all gateways; in this process while Redis is away, since a family must not be locked out by a cache. */
export function createRateCounter(link: RedisLink, prefix: string): CountHit {
  const countLocally = createLocalCounter()
  return async (key, rate) => {
    // The braces keep all that belongs to one caller in one slot of a Redis cluster.
    const name = `${prefix}rate:{${key}}`
    try {
      const [count, leftMs] = await link.run(LIMIT_MS, (redis) => redis.countHit(name, rate.seconds * 1000))
      return { count, leftMs }
    } catch {
      return countLocally(key, rate)
    }
  }
}

export function createLocalCounter(now: () => number = Date.now): (key: string, rate: Rate) => Hit {
  const windows = new Map<string, { count: number; endsAt: number }>()
  return (key, rate) => {
    const at = now()
    const known = windows.get(key)
    if (known && known.endsAt > at) return { count: ++known.count, leftMs: known.endsAt - at }
    windows.delete(key)
    if (windows.size >= LOCAL_KEYS_MAX) windows.delete(windows.keys().next().value!)
    windows.set(key, { count: 1, endsAt: at + rate.seconds * 1000 })
    return { count: 1, leftMs: rate.seconds * 1000 }
  }
}
