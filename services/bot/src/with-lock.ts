import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '@common-purse/contracts'
import type { Memory } from './memory.ts'

/** Whoever was killed in the middle is followed by the next after it. */
const HELD_MS = 5_000
const LOOK_MS = 50
const PATIENCE_MS = 20_000

const TAKE = `return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0`
const HOLD = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end`
const LEAVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`

/** Runs work that only one of all replicas may be at; throws `upstream_unavailable` when another is at it for too long. */
export async function withLock<Result>(
  memory: Memory,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const keys = [`lock:${name}`]
  const me = randomUUID()
  const end = performance.now() + PATIENCE_MS
  while ((await memory.evaluate(TAKE, keys, [me, HELD_MS])) !== 1) {
    if (performance.now() > end) throw new Problem('upstream_unavailable', 'Another replica is at it')
    await sleep(LOOK_MS)
  }
  const holding = setInterval(() => {
    memory.evaluate(HOLD, keys, [me, HELD_MS]).catch(() => undefined)
  }, HELD_MS / 3)
  try {
    return await work()
  } finally {
    clearInterval(holding)
    await memory.evaluate(LEAVE, keys, [me]).catch(() => undefined)
  }
}
