import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Memory } from '../memory.ts'

/** What one of several replicas does at a time. */
export interface Lease {
  /** Not aborted for as long as it is this replica's turn; undefined while it is another's. */
  signal(): AbortSignal | undefined
  stop(): Promise<void>
}

/** The next replica takes over so long after this one was killed. */
const HELD_MS = 5_000
const LOOK_MS = 1_000

const TAKE = `local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
const LEAVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/**
 * Holds a lease in the memory, or waits for it. While the memory is away nobody can take it: who had it goes on, who
 * waited goes on waiting, and one that has just started does not wait, because somebody has to tell people.
 */
export function holdLease(memory: Memory, name: string): Lease {
  const me = randomUUID()
  const key = `lease:${name}`
  const stopping = new AbortController()
  let holding: AbortController | undefined
  let known = false

  const set = (mine: boolean) => {
    if (mine) return void (holding ??= new AbortController())
    holding?.abort()
    holding = undefined
  }
  const look = async () => {
    const asked = memory.evaluate(TAKE, [key], [me, HELD_MS])
    const mine = await asked.then(
      (taken) => ((known = true), taken === 1),
      () => (known ? holding !== undefined : true),
    )
    if (!stopping.signal.aborted) set(mine)
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      await look()
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    signal: () => holding?.signal,
    stop: async () => {
      stopping.abort()
      await running
      set(false)
      await memory.evaluate(LEAVE, [key], [me]).catch(() => undefined)
    },
  }
}
