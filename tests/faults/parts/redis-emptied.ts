import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { HouseOptions } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { ask, dryRun } from '../outages.ts'
import { type Scene, underLoad } from '../scene.ts'
import { portOf, startTcpProxy, type TcpProxy, throughProxy } from '../tcp-proxy.ts'

/**
 * Redis forgets everything, is away, and comes back empty from a crash, each under load: no nonce is taken twice, changes
 * are told to come again within a second while reads go on, and everything goes on by itself.
 */
export async function redisEmptied(options: PartOptions): Promise<string[]> {
  let proxy: TcpProxy | undefined
  const through: HouseOptions['through'] = async (urls, house) => {
    proxy = await startTcpProxy([portOf(urls.redis)], house)
    return { ...urls, redis: throughProxy(urls.redis, proxy) }
  }
  return await underLoad(options, { name: 'redis-emptied', through, talk: true }, async (scene) => {
    await scene.goOn(0.4, 0.15)
    await emptied(scene)
    await scene.goOn(0.6, 0.45)
    const wrong = await away(scene, proxy!)
    await scene.goOn(0.9, 0.75)
    await emptied(scene)
    await scene.outages.kill('redis')
    return wrong
  })
}

async function emptied({ house, outages, say }: Scene): Promise<void> {
  await outages.during('redis', async () => {
    const redis = new Redis(house.servers.redis)
    await redis.flushall()
    redis.disconnect()
  })
  say('Redis was emptied')
}

/** Longer than the gateway's own second looks, so that it knows. */
const AWARE_MS = 1_500
const PROMISED_MS = 1_000

async function away(scene: Scene, proxy: TcpProxy): Promise<string[]> {
  const { house, canary, outages, short, say } = scene
  return await outages.during('redis', async () => {
    proxy.cut()
    await sleep(AWARE_MS)
    const startedAt = performance.now()
    const change = await ask(house, canary, dryRun(canary))
    const tookMs = performance.now() - startedAt
    const read = await ask(house, canary, { method: 'GET', target: '/api/v1/accounts', body: '' })
    await sleep(short ? 2_000 : 20_000)
    proxy.mend()
    await outages.untilWorks('redis')
    say(`Redis was away; a change was refused within ${tookMs.toFixed(0)} ms`)
    const statusOf = (answer: typeof change) => (typeof answer === 'string' ? answer : answer.status)
    return [
      ...(statusOf(change) === 503 ? [] : [`A change without Redis was answered ${statusOf(change)}`]),
      ...(statusOf(read) === 200 ? [] : [`A read without Redis was answered ${statusOf(read)}`]),
      // A machine of which nothing is known may be busy: there only the answer counts.
      ...(short || tookMs <= PROMISED_MS ? [] : [`A change without Redis waited ${tookMs.toFixed(0)} ms`]),
    ]
  })
}
