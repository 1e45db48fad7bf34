import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import { reachablePlace } from '../../../tools/servers/place.ts'
import type { HouseOptions } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { readCheck, readMetrics } from '../ops-port.ts'
import { ask, works } from '../outages.ts'
import { type Scene, underLoad } from '../scene.ts'
import type { Unsigned } from '../signed-request.ts'
import { canMount, mountSmallDisk, type SmallDisk } from '../small-disk.ts'

const megabytes = { nats: 48, spool: 4, postgres: 300 }
type Disks = Record<keyof typeof megabytes, SmallDisk>

/** What a full disk has to be seen by, and what a free one has to be used again within. */
const PATIENCE_MS = 120_000
const HOLD_MS = { full: 20_000, short: 5_000 }

/**
 * The disk of the bus, of the gateway's access lines and of PostgreSQL is full for a while: what cannot be written is told
 * to come again or waits, the state is visible, and all goes on by itself when there is room.
 */
export async function diskFull(options: PartOptions): Promise<string[]> {
  if (!canMount()) {
    options.say('skipped: needs root, to mount small disks')
    return []
  }
  let disks: Disks | undefined
  const prepare: HouseOptions['prepare'] = (house) => {
    const place = reachablePlace(house.dataDir, house.secrets.id, house.say)
    const mount = (folder: string, name: keyof Disks) => mountSmallDisk(folder, megabytes[name], house)
    disks = {
      nats: mount(join(house.dataDir, 'nats'), 'nats'),
      spool: mount(join(house.dataDir, 'access-lines'), 'spool'),
      postgres: mount(join(place, 'postgres'), 'postgres'),
    }
  }
  return await underLoad(options, { name: 'disk-full', prepare }, async (scene) => {
    const wrong: string[] = []
    await scene.goOn(0.3, 0.1)
    wrong.push(...(await busFull(scene, disks!.nats)))
    await scene.goOn(0.6, 0.4)
    wrong.push(...(await spoolFull(scene, disks!.spool)))
    await scene.goOn(1, 0.7)
    wrong.push(...(await databaseFull(scene, disks!.postgres)))
    return wrong
  })
}

/** Fills a disk, waits until that is seen, holds it, frees it, and waits until it is over. */
async function whileFull(
  { house, short, say }: Scene,
  disk: SmallDisk,
  { what, isSeen, isOver }: { what: string; isSeen: () => Promise<boolean>; isOver: () => Promise<boolean> },
): Promise<string[]> {
  const { signal } = house.launcher
  const patience = { withinMs: PATIENCE_MS, everyMs: 100, signal }
  const startedAt = performance.now()
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1)
  disk.fill()
  const seen = await waitUntil(isSeen, patience)
  say(`${what}: the disk is full${seen ? `, which was seen after ${seconds()} s` : ''}`)
  await sleep(short ? HOLD_MS.short : HOLD_MS.full, undefined, { signal })
  disk.free()
  const freedAt = performance.now()
  const over = await waitUntil(isOver, patience)
  say(
    `${what}: there was room again; ${((performance.now() - freedAt) / 1000).toFixed(1)} s later all was well`,
  )
  return [
    ...(seen ? [] : [`${what}: nothing tells that the disk is full`]),
    ...(over ? [] : [`${what}: it did not go on when there was room again`]),
  ]
}

/** Money moves on; events wait in the outbox, which readiness and metrics tell. */
async function busFull(scene: Scene, disk: SmallDisk): Promise<string[]> {
  const { house, canary, outages, load } = scene
  const before = load.begun()
  const waiting = async () =>
    (await readMetrics(house, 'auth')).most('outbox_unpublished_events') ?? Number.NaN
  const wrong = await outages.during('nats', () =>
    whileFull(scene, disk, {
      what: 'bus',
      isSeen: async () => {
        await ask(house, canary, rename())
        return (await readCheck(house, 'auth', 'outbox')) === 'unavailable' && (await waiting()) > 0
      },
      isOver: async () => (await works(house, canary, 'nats')) && (await waiting()) === 0,
    }),
  )
  return [...wrong, ...(load.begun() > before ? [] : ['No money moved while the disk of the bus was full'])]
}

/** Requests are answered; their lines wait in memory, which the metrics tell. */
async function spoolFull(scene: Scene, disk: SmallDisk): Promise<string[]> {
  const inMemory = async () =>
    (await readMetrics(scene.house, 'gateway')).most('gateway_access_lines_in_memory') ?? Number.NaN
  return await whileFull(scene, disk, {
    what: 'access lines',
    isSeen: async () => {
      await ask(scene.house, scene.canary, rename())
      return (await inMemory()) > 0
    },
    isOver: async () => (await inMemory()) === 0,
  })
}

/** Changes are told to come again, also when PostgreSQL itself gives up for want of room. */
async function databaseFull(scene: Scene, disk: SmallDisk): Promise<string[]> {
  const { house, canary, outages } = scene
  let refused = 0
  return await outages.during('postgres', () =>
    whileFull(scene, disk, {
      what: 'database',
      isSeen: async () => {
        const answer = await ask(house, canary, rename())
        if (typeof answer !== 'string' && answer.status === 503) refused += 1
        // What it has room for within its files is no sign: a new file of its log has none.
        await house.withSql((sql) => sql.query('SELECT pg_switch_wal()')).catch(() => undefined)
        return refused > 0
      },
      isOver: () => works(house, canary, 'postgres'),
    }),
  )
}

/** A change that moves no money. */
const rename = (): Unsigned => ({
  method: 'PATCH',
  target: '/api/v1/auth/me',
  body: JSON.stringify({ display_name: `Name ${Date.now()}` }),
  idempotencyKey: crypto.randomUUID(),
})
