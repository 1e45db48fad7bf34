import type { Redis } from 'ioredis'
import type { RedisLinkOptions } from './redis-link.ts'

/** `new`: not seen before; `seen`: a replay; `forgotten`: made before Redis came back, so that nobody can tell; `unknown`: Redis is away. */
export type NonceVerdict = 'new' | 'seen' | 'forgotten' | 'unknown'

export interface Nonce {
  keyId: string
  nonce: string
  /** Seconds; by its own clock the signature cannot have existed before: it was created then, and its token issued. */
  notBefore: number
  /** Seconds; by then no gateway takes a copy of this signature any more. */
  keepUntil: number
}

const buckets = [...'0123456789abcdef']
const EARLY_MAX = 10_000

/** What this process knows of nonces beside Redis, and how both begin when a Redis comes back. */
export interface NonceMemory {
  /** The key of a nonce, and that of the marker that vouches for it. */
  keysOf(nonce: Nonce): [nonce: string, marker: string]
  /** Whether a nonce that Redis calls new is; remembers it here too when it is early. */
  isNew(nonce: Nonce, isEarly: boolean): boolean
  /** Marks since when Redis remembers; answers the milliseconds until that second is over. */
  begin(redis: Redis, runId: string): Promise<number>
  /**
   * What happens on each new connection: a Redis that was started anew may have lost nonces, so it marks since when it
   * remembers, and nobody uses it until that second is over; what is signed afterwards has a later `created`.
   */
  arrive: RedisLinkOptions['arrive']
}

export function createNonceMemory(prefix: string, now: () => Date): NonceMemory {
  // Signed by clocks that are ahead: for a Redis that lost its memory they were made after it came back.
  const early = new Map<string, number>()

  // Key ids end in a hexadecimal digit. A nonce and the marker that vouches for it live and die together, in one slot of a cluster.
  const markerOf = (bucket: string) => `${prefix}{replay:${bucket}}:marker`
  const keyOf = ({ keyId, nonce }: Nonce) => `${prefix}{replay:${keyId.at(-1)!}}:${keyId}:${nonce}`

  const begin = async (redis: Redis, runId: string): Promise<number> => {
    const known = [...early].filter(([, keepUntil]) => keepUntil * 1000 > now().getTime())
    await Promise.all(known.map(([key, keepUntil]) => redis.set(key, '1', 'EXAT', keepUntil, 'NX')))
    return Math.max(
      ...(await Promise.all(buckets.map((bucket) => redis.markArrival(markerOf(bucket), runId)))),
    )
  }

  return {
    keysOf: (nonce) => [keyOf(nonce), markerOf(nonce.keyId.at(-1)!)],
    isNew: (nonce, isEarly) => {
      const key = keyOf(nonce)
      if (early.has(key)) return false
      if (!isEarly) return true
      if (early.size >= EARLY_MAX) early.delete(early.keys().next().value!)
      early.set(key, nonce.keepUntil)
      return true
    },
    begin,
    arrive: async (redis, runId) => {
      const wait = await begin(redis, runId)
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    },
  }
}
