import type { RedisLink, RedisLinkOptions } from './redis-link.ts'

/** `new`: not seen before; `seen`: a replay; `forgotten`: made before Redis came back, so that nobody can tell. */
export type NonceVerdict = 'new' | 'seen' | 'forgotten'

export interface Nonce {
  keyId: string
  nonce: string
  /** Seconds; the signature cannot have existed before: not before it was created, nor before its token was issued. */
  notBefore: number
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
export function createNonceMemory(link: RedisLink, prefix: string): RememberNonce {
  const mark = markArrival(prefix)
  return async ({ keyId, nonce, notBefore, keepMs }) => {
    const bucket = bucketOf(keyId)
    const nonceKey = `${prefix}{replay:${bucket}}:${keyId}:${nonce}`
    const verdict = await link.run(LIMIT_MS, (redis) =>
      redis.rememberNonce(nonceKey, markerKey(prefix, bucket), keepMs, notBefore, link.runId()),
    )
    if (verdict !== 'began') return verdict
    // Redis was emptied: the other buckets begin now too, instead of each at its own first use.
    void link.run(LIMIT_MS, (redis) => mark(redis, link.runId())).catch(() => undefined)
    return 'forgotten'
  }
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
