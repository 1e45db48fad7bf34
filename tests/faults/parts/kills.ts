import { setTimeout as sleep } from 'node:timers/promises'
import { randomNumbers, type RandomNumbers } from '../../invariants/random-numbers.ts'
import { openFamilies } from '../../invariants/random-run.ts'
import { type Moment, rememberRows } from '../../invariants/unchanged-rows.ts'
import { checkAll } from '../check-all.ts'
import { type FaultHouse, type ProcessName, startFaultHouse } from '../house.ts'
import { type Load, startLoad } from '../load.ts'
import type { PartOptions } from '../options.ts'
import { createOutages, type Outages, processNames } from '../outages.ts'
import { settle } from '../settle.ts'

/** Processes that are killed together, in this order. */
type Blow = ProcessName[]

/** What is promised, and more patience for a machine of which nothing is known. */
const limits = { full: { oneMs: 10_000, manyMs: 60_000 }, short: { oneMs: 30_000, manyMs: 120_000 } }

const SETTLE_MS = 60_000

/**
 * kill -9 of every process and server at random moments of a load, one by one, two together and all at once: nothing is
 * lost or doubled, everything is back by itself, and the clients are told to come again.
 */
export async function kills(options: PartOptions): Promise<string[]> {
  const { seed, transfers, short, say } = options
  const random = randomNumbers(seed)
  const house = await startFaultHouse({ stop: options.stop })
  try {
    const families = await openFamilies({ urls: urlsOf(house) })
    const owner = families[0]!.family.owner
    const outages = createOutages(house, { signer: owner.session, account: families[0]!.accounts[0]! })
    say(`${transfers} transfers by 20 clients in 5 families`)
    const load = startLoad({ families, port: house.port, transfers, seed, signal: options.stop.signal })
    const blows = planBlows(random, short)
    const around = { house, outages, load, random, limit: short ? limits.short : limits.full, say }
    const { before, late } = await strikeAll(blows, transfers, around)
    await load.finished
    say('every client has its answers; waiting until everything has arrived')
    say(`the last arrived after ${((await settle(house, SETTLE_MS)) / 1000).toFixed(1)} s`)
    tellOf(load, say)
    const wrong = await checkAll(house, {
      families,
      seen: load.seen,
      downtimes: outages.downtimes,
      before,
    })
    const all = [...late, ...wrong]
    if (all.length > 0)
      all.push(
        `The logs: ${house.keepLogs(`kills-${seed}-${Date.now()}`, { downtimes: outages.downtimes, ...load.seen })}`,
      )
    return all
  } finally {
    await house.stop()
  }
}

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

interface Around {
  house: FaultHouse
  outages: Outages
  load: Load
  random: RandomNumbers
  limit: { oneMs: number; manyMs: number }
  say: (text: string) => void
}

/**
 * Strikes spread over the load, each at a random moment of its own share of it, so that the rest of the share is under
 * way while something is down. Answers what was there before each, and who was late.
 */
async function strikeAll(
  blows: Blow[],
  transfers: number,
  around: Around,
): Promise<{ before: Moment[]; late: string[] }> {
  const { house, load, random } = around
  const { signal } = house.launcher
  const before: Moment[] = []
  const late: string[] = []
  const share = transfers / blows.length
  for (const [n, blow] of blows.entries()) {
    const place = Math.floor(share * (n + random.below(70) / 100))
    load.allow(Math.floor(share * (n + 1)))
    while (load.begun() < place) await sleep(5, undefined, { signal })
    before.push(await house.withSql(rememberRows))
    late.push(...(await strike(blow, around)))
  }
  load.allow(transfers)
  return { before, late }
}

/** Kills them and waits until all are back; answers which took too long. */
async function strike(blow: Blow, { outages, random, limit, load, say }: Around): Promise<string[]> {
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
  say(`at transfer ${at}: killed ${what}; back after ${seconds(Math.max(...times))} s`)
  // Alone: counted from its restart; with others, from the blow until all of it works.
  const [tookMs, limitMs] =
    blow.length === 1 ? [times[0]!, limit.oneMs] : [Date.now() - startedAt, limit.manyMs]
  return tookMs <= limitMs ? [] : [`${what} took ${seconds(tookMs)} s; ${seconds(limitMs)} s are allowed`]
}

/** What the clients met, so that a run that met nothing is seen. */
function tellOf({ seen }: Load, say: (text: string) => void): void {
  const kinds = seen.attempts.map(({ outcome }) =>
    outcome.kind === 'lost' ? `lost (${outcome.how})` : `${outcome.status} ${outcome.code ?? ''}`.trim(),
  )
  const counts = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, list]) => `${kind}: ${list.length}`)
  say(`${seen.attempts.length} requests; ${counts.sort().join(', ')}`)
}

const urlsOf = ({ port }: FaultHouse) => {
  const gateway = `http://127.0.0.1:${port}`
  return { gateway, auth: gateway, ledger: gateway, audit: gateway }
}
