import { type Counter, createLocalCounters, createUsedUp, type Hit } from './counters.ts'
import type { Nonce, NonceMemory, NonceVerdict } from './nonce-memory.ts'
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

type Answer = Exclude<NonceVerdict, 'unknown'> | 'early' | 'began' | 'adrift'

export function createAdmission(link: RedisLink, memory: NonceMemory, prefix: string): Admission {
  const countLocally = createLocalCounters()
  const usedUp = createUsedUp()

  const ask = async (counters: readonly Counter[], nonce: Nonce | undefined): Promise<Admitted> => {
    const [keys, values] = toCall(prefix, counters)
    if (nonce) {
      keys.push(...memory.keysOf(nonce))
      values.push(nonce.keepUntil, nonce.notBefore, link.runId())
    }
    const answer = await link.run((redis) => redis.admit(keys.length, ...keys, ...values))
    const hits = counters.map((_, index) => ({
      count: answer[2 * index] as number,
      leftMs: answer[2 * index + 1] as number,
    }))
    const answered = answer[2 * counters.length] as Answer | undefined
    return nonce && answered ? { hits, verdict: verdictOf(nonce, answered) } : { hits }
  }

  const verdictOf = (nonce: Nonce, answered: Answer): NonceVerdict => {
    if (answered === 'new' || answered === 'early')
      return memory.isNew(nonce, answered === 'early') ? 'new' : 'seen'
    if (answered === 'adrift') {
      link.warn('The clocks of the house and of Redis are a minute or more apart')
      return 'unknown'
    }
    if (answered !== 'began') return answered
    // Redis was emptied: the other buckets begin now too, instead of each at its own first use.
    void link.run((redis) => memory.begin(redis, link.runId())).catch(() => undefined)
    return 'forgotten'
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

function toCall(prefix: string, counters: readonly Counter[]): [keys: string[], values: (string | number)[]] {
  // The braces keep a counter in one slot of a cluster, whatever is counted beside it.
  const keys = counters.map(({ name, subject }) => `${prefix}rate:{${name}:${subject}}`)
  const values = [counters.length, ...counters.flatMap(({ rate }) => [rate.count, rate.seconds * 1000])]
  return [keys, values]
}
