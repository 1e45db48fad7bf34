import { type Counter, createLocalCounters, createUsedUp, type Hit } from './counters.ts'
import { markArrival, type Nonce, nonceKeys, type NonceVerdict } from './nonce-memory.ts'
import type { RedisLink } from './redis-link.ts'

export interface Admitted {
  /** Of each counter, in their order. */
  hits: Hit[]
  /** Only where there was a nonce, and no limit before it was exceeded. */
  verdict?: NonceVerdict
}

export interface Admission {
  /**
   * Counts a request in its counters, the address first, and remembers its nonce: one round trip to Redis for all. While
   * Redis is away it counts in this process, since a family must not be locked out by a cache, and knows nothing of nonces.
   */
  admit(counters: readonly Counter[], nonce?: Nonce): Promise<Admitted>
  /** Milliseconds until a counter begins anew that is known to be used up; asks nobody. */
  leftMs(counter: Counter): number | undefined
}

type Answer = Exclude<NonceVerdict, 'unknown'> | 'began' | 'adrift'

const LIMIT_MS = 450

export function createAdmission(link: RedisLink, prefix: string): Admission {
  const countLocally = createLocalCounters()
  const usedUp = createUsedUp()
  const mark = markArrival(prefix)

  const ask = async (counters: readonly Counter[], nonce: Nonce | undefined): Promise<Admitted> => {
    const [keys, values] = toCall(prefix, counters, nonce, link.runId())
    const answer = await link.run(LIMIT_MS, (redis) => redis.admit(keys.length, ...keys, ...values))
    const hits = counters.map((_, index) => ({
      count: answer[2 * index] as number,
      leftMs: answer[2 * index + 1] as number,
    }))
    const verdict = answer[2 * counters.length] as Answer | undefined
    if (verdict === undefined) return { hits }
    if (verdict === 'adrift') {
      link.warn('The clocks of this gateway and of Redis are a minute or more apart')
      return { hits, verdict: 'unknown' }
    }
    if (verdict !== 'began') return { hits, verdict }
    // Redis was emptied: the other buckets begin now too, instead of each at its own first use.
    void link.run(LIMIT_MS, (redis) => mark(redis, link.runId())).catch(() => undefined)
    return { hits, verdict: 'forgotten' }
  }

  return {
    admit: async (counters, nonce) => {
      const admitted = await ask(counters, nonce).catch((): Admitted => ({
        hits: countLocally(counters),
        ...(nonce ? { verdict: 'unknown' } : {}),
      }))
      counters.forEach((counter, index) => usedUp.learn(counter, admitted.hits[index]!))
      return admitted
    },
    leftMs: usedUp.leftMs,
  }
}

function toCall(
  prefix: string,
  counters: readonly Counter[],
  nonce: Nonce | undefined,
  runId: string,
): [keys: string[], values: (string | number)[]] {
  // The braces keep a counter in one slot of a cluster, whatever is counted beside it.
  const keys = counters.map(({ name, subject }) => `${prefix}rate:{${name}:${subject}}`)
  const values: (string | number)[] = [counters.length]
  for (const { rate } of counters) values.push(rate.count, rate.seconds * 1000)
  if (nonce) {
    keys.push(...nonceKeys(prefix, nonce))
    values.push(nonce.keepUntil, nonce.notBefore, runId)
  }
  return [keys, values]
}
