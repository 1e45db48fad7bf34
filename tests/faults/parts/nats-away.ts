import { setTimeout as sleep } from 'node:timers/promises'
import type { HouseOptions } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { underLoad } from '../scene.ts'
import { portOf, startTcpProxy, type TcpProxy, throughProxy } from '../tcp-proxy.ts'

const MINUTES = 5
const SHORT_MS = 15_000

const waiting = `SELECT (SELECT count(*) FROM auth.outbox WHERE published_at IS NULL)
  + (SELECT count(*) FROM ledger.outbox WHERE published_at IS NULL) AS count`

/** The bus is away for minutes: money moves on, the outbox grows, and everything arrives afterwards, once. */
export async function natsAway(options: PartOptions): Promise<string[]> {
  let proxy: TcpProxy | undefined
  const through: HouseOptions['through'] = async (urls, house) => {
    proxy = await startTcpProxy([portOf(urls.nats)], house)
    return { ...urls, nats: throughProxy(urls.nats, proxy) }
  }
  return await underLoad(options, { name: 'nats-away', through, talk: true }, async (scene) => {
    const { house, outages, load, short, minutes = MINUTES, say } = scene
    await scene.goOn(0.8, 0.2)
    const before = load.begun()
    await scene.remember()
    return await outages.during('nats', async () => {
      proxy!.cut()
      await sleep(short ? SHORT_MS : minutes * 60_000, undefined, { signal: house.launcher.signal })
      const moved = load.begun() - before
      const { rows } = await house.withSql((sql) => sql.query<{ count: string }>(waiting))
      say(`while the bus was away ${moved} transfers were begun; ${rows[0]!.count} events wait`)
      proxy!.mend()
      await outages.untilWorks('nats')
      return [
        ...(moved > 0 ? [] : ['No money moved while the bus was away']),
        ...(Number(rows[0]!.count) > 0 ? [] : ['No event waited while the bus was away']),
      ]
    })
  })
}
