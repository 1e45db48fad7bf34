import type { RedisLinkOptions } from './redis-link.ts'

/** `new`: not seen before; `seen`: a replay; `forgotten`: made before Redis came back, so that nobody can tell; `unknown`: Redis is away. */
export type NonceVerdict = 'new' | 'seen' | 'forgotten' | 'unknown'

export interface Nonce {
  keyId: string
  nonce: string
  /** Seconds; the signature cannot have existed before: not before it was created, nor before its token was issued. */
  notBefore: number
  /** Seconds; by then no gateway takes a copy of this signature any more. */
  keepUntil: number
}

const buckets = [...'0123456789abcdef']

// Key ids end in a hexadecimal digit. A nonce and the marker that vouches for it live and die together, in one slot of a cluster.
const markerKey = (prefix: string, bucket: string) => `${prefix}{replay:${bucket}}:marker`

/** The key of a nonce, and that of the marker that vouches for it. */
export function nonceKeys(prefix: string, { keyId, nonce }: Nonce): [nonce: string, marker: string] {
  const bucket = keyId.at(-1)!
  return [`${prefix}{replay:${bucket}}:${keyId}:${nonce}`, markerKey(prefix, bucket)]
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
