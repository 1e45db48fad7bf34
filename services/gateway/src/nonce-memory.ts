import type { RedisLink, RedisLinkOptions } from './redis-link.ts'

/** `new`: not seen before; `seen`: a replay; `forgotten`: made before Redis came back, so that nobody can tell. */
export type NonceVerdict = 'new' | 'seen' | 'forgotten'

export interface Nonce {
  keyId: string
  nonce: string
  /** Seconds. */
  created: number
  /** Milliseconds for which a copy of this signature would still be taken. */
  keepMs: number
}

export type RememberNonce = (nonce: Nonce) => Promise<NonceVerdict>

const LIMIT_MS = 450
const buckets = [...'0123456789abcdef']

// Key ids end in a hexadecimal digit. A nonce and the marker that vouches for it live and die together, in one slot of a cluster.
const bucketOf = (keyId: string) => keyId.at(-1)!
const markerKey = (prefix: string, bucket: string) => `${prefix}{replay:${bucket}}:marker`

/** Remembers nonces in Redis, one round trip each; rejects while Redis is away. */
export const createNonceMemory =
  (link: RedisLink, prefix: string): RememberNonce =>
  ({ keyId, nonce, created, keepMs }) => {
    const bucket = bucketOf(keyId)
    const nonceKey = `${prefix}{replay:${bucket}}:${keyId}:${nonce}`
    return link.run(
      LIMIT_MS,
      (redis) =>
        redis.rememberNonce(
          nonceKey,
          markerKey(prefix, bucket),
          keepMs,
          created,
          link.runId(),
        ) as Promise<NonceVerdict>,
    )
  }

/**
 * What happens on each new connection: a Redis that was started anew may have lost nonces, so it marks since when it
 * remembers, and nobody uses it until that second is over; what is signed afterwards has a later `created`.
 */
export const markArrival =
  (prefix: string): RedisLinkOptions['arrive'] =>
  async (redis, runId) => {
    const waits = await Promise.all(
      buckets.map((bucket) => redis.markArrival(markerKey(prefix, bucket), runId)),
    )
    const wait = Math.max(...waits)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
