import { setTimeout as sleep } from 'node:timers/promises'
import { randomNumbers, type RandomNumbers } from '../invariants/random-numbers.ts'
import { openFamilies, type RandomFamily } from '../invariants/random-run.ts'
import { type Moment, rememberRows } from '../invariants/unchanged-rows.ts'
import { checkAll } from './check-all.ts'
import { type FaultHouse, type HouseOptions, startFaultHouse } from './house.ts'
import { type Load, startLoad } from './load.ts'
import type { PartOptions } from './options.ts'
import { type Canary, createOutages, type Outages } from './outages.ts'
import { settle } from './settle.ts'
import { startTalk, type Talk } from './talk.ts'

/** A house under load, in which a part breaks something. */
export interface Scene extends PartOptions {
  house: FaultHouse
  families: RandomFamily[]
  canary: Canary
  outages: Outages
  load: Load
  random: RandomNumbers
  /**
   * Lets the load go on to this share of itself (0 to 1) and waits until it has come to the other: what lies between is
   * under way while something is broken.
   */
  goOn(to: number, from: number): Promise<void>
  /** Remembers what is there, to be compared with at the end. */
  remember(): Promise<void>
  /** Filled by a part that restores a database: what `Evidence.lost` says. */
  lost: Set<string>
}

interface SceneOptions extends Omit<HouseOptions, 'stop'> {
  name: string
  transfers?: number
  mischief?: number
  /** Two people talk to the bot meanwhile. */
  talk?: boolean
  /** Messages that the part itself put on the bus to be kept aside. */
  keptAside?: number
}

const SETTLE_MS = 90_000

/** Brings up a house, lets `breakIt` break something under load, and answers all that was not as it must be. */
export async function underLoad(
  options: PartOptions,
  setting: SceneOptions,
  breakIt: (scene: Scene) => Promise<string[]>,
): Promise<string[]> {
  const { seed, say, stop } = options
  const transfers = setting.transfers ?? options.transfers
  const house = await startFaultHouse({ ...setting, stop })
  try {
    const families = await openFamilies({ urls: urlsOf(house) })
    const canary = { signer: families[0]!.family.owner.session, account: families[0]!.accounts[0]! }
    const before: Moment[] = []
    say(`${transfers} transfers by 20 clients in 5 families`)
    const { port, launcher } = house
    const { mischief = 5 } = setting
    const load = startLoad({ families, port, transfers, seed, signal: launcher.signal, mischief })
    const scene: Scene = {
      ...options,
      house,
      families,
      canary,
      outages: createOutages(house, canary),
      load,
      random: randomNumbers(seed),
      goOn: (to, from) => goOn(load, transfers, { to, from, signal: launcher.signal }),
      remember: async () => void before.push(await house.withSql(rememberRows)),
      lost: new Set(),
    }
    load.allow(0)
    const talk = setting.talk ? await startTalk(house, seed) : undefined
    const wrong = await breakIt(scene)
    load.allow(transfers)
    await Promise.all([load.finished, talk?.end()])
    const all = { ...scene, families: [...families, ...(talk?.families ?? [])] }
    wrong.push(...(await judge(all, before, setting)))
    if (talk) wrong.push(...(await judgeTalk(scene, talk)))
    if (wrong.length > 0) wrong.push(`The logs: ${keepLogs(scene, setting.name)}`)
    return wrong
  } finally {
    await house.stop()
  }
}

async function goOn(
  load: Load,
  transfers: number,
  { to, from, signal }: { to: number; from: number; signal: AbortSignal },
): Promise<void> {
  load.allow(Math.floor(transfers * to))
  while (load.begun() < Math.floor(transfers * from)) await sleep(5, undefined, { signal })
}

async function judge(
  { house, families, load, outages, lost, say }: Scene,
  before: Moment[],
  { keptAside = 0 }: SceneOptions,
): Promise<string[]> {
  say('every client has its answers; waiting until everything has arrived')
  say(`the last arrived after ${((await settle(house, SETTLE_MS)) / 1000).toFixed(1)} s`)
  tellOf(load, say)
  const { downtimes } = outages
  return await checkAll(house, { families, seen: load.seen, downtimes, before, keptAside, lost })
}

async function judgeTalk({ house, say }: Scene, { entries, judge }: Talk): Promise<string[]> {
  const confirmed = entries.filter((entry) => entry.confirmed)
  say(`${entries.length} entries were written to the bot, ${confirmed.length} confirmed`)
  const others = entries
    .filter((entry) => !entry.confirmed)
    .map(({ told = '(nothing)' }) => told.replaceAll('\n', ' · '))
  for (const [told, { length }] of Map.groupBy(others, (words) => words))
    say(`${length} were answered: ${told}`)
  return [
    ...(await house.withSql(judge)),
    ...(confirmed.length > 0 ? [] : ['Nobody could confirm anything to the bot']),
  ]
}

const keepLogs = ({ house, load, outages, seed }: Scene, name: string) =>
  house.keepLogs(`${name}-${seed}-${Date.now()}`, { downtimes: outages.downtimes, ...load.seen })

/** What the clients met, so that a run that met nothing is seen. */
function tellOf({ seen }: Load, say: (text: string) => void): void {
  const kinds = seen.attempts.map(({ call, outcome }) => {
    if (outcome.kind === 'lost') return `lost (${outcome.how})`
    const kind = `${outcome.status} ${outcome.code ?? ''}`.trim()
    return outcome.status >= 500 ? `${kind} of ${call.split('?', 1)[0]}` : kind
  })
  const counts = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, list]) => `${kind}: ${list.length}`)
  say(`${seen.attempts.length} requests; ${counts.sort().join(', ')}`)
}

const urlsOf = ({ port }: FaultHouse) => {
  const gateway = `http://127.0.0.1:${port}`
  return { gateway, auth: gateway, ledger: gateway, audit: gateway }
}
