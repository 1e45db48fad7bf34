import { setTimeout as sleep } from 'node:timers/promises'
import type { RandomNumbers } from '../../invariants/random-numbers.ts'
import type { ProcessName } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { processNames } from '../outages.ts'
import { type Scene, underLoad } from '../scene.ts'

/** Processes that are killed together, in this order. */
type Blow = ProcessName[]

/** What is promised, and more patience for a machine of which nothing is known. */
const limits = { full: { oneMs: 10_000, manyMs: 60_000 }, short: { oneMs: 30_000, manyMs: 120_000 } }

/**
 * kill -9 of every process and server at random moments of a load, one by one, two together and all at once: nothing is
 * lost or doubled, everything is back by itself, and the clients are told to come again.
 */
export const kills = (options: PartOptions): Promise<string[]> =>
  underLoad(options, { name: 'kills', talk: true }, async (scene) => {
    const blows = planBlows(scene.random, scene.short)
    const late: string[] = []
    for (const [n, blow] of blows.entries()) {
      await scene.goOn((n + 1) / blows.length, (n + scene.random.below(70) / 100) / blows.length)
      await scene.remember()
      late.push(...(await strike(blow, scene)))
    }
    return late
  })

/** Each process alone (twice, or once in the short form), some in pairs, and all of them together. */
function planBlows(random: RandomNumbers, short: boolean): Blow[] {
  const singles = (short ? processNames : [...processNames, ...processNames]).map((name) => [name])
  const pairs = Array.from({ length: short ? 1 : 4 }, () => shuffle(random, processNames).slice(0, 2))
  const everything = Array.from({ length: short ? 1 : 2 }, () => shuffle(random, processNames))
  return shuffle(random, [...singles, ...pairs, ...everything])
}

function shuffle<Item>(random: RandomNumbers, items: readonly Item[]): Item[] {
  const left = [...items]
  return items.map(() => left.splice(random.below(left.length), 1)[0]!)
}

/** Kills them and waits until all are back; answers which took too long. */
async function strike(blow: Blow, { outages, random, short, load, say }: Scene): Promise<string[]> {
  const limit = short ? limits.short : limits.full
  const at = load.begun()
  const startedAt = Date.now()
  const backs: Promise<number>[] = []
  for (const name of blow) {
    backs.push(outages.kill(name))
    await sleep(random.below(150))
  }
  const times = await Promise.all(backs)
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const what = blow.length === processNames.length ? `everything (${blow.join(', ')})` : blow.join(' and ')
  // Alone: counted from its restart; with others, from the blow until all of it works.
  const [tookMs, limitMs] =
    blow.length === 1 ? [times[0]!, limit.oneMs] : [Date.now() - startedAt, limit.manyMs]
  say(`at transfer ${at}: killed ${what}; back after ${seconds(tookMs)} s`)
  return tookMs <= limitMs ? [] : [`${what} took ${seconds(tookMs)} s; ${seconds(limitMs)} s are allowed`]
}
