import { sendSignal } from '../../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import { type HouseOptions, pidOf } from '../house.ts'
import { type NatsCluster, startNatsCluster } from '../nats-cluster.ts'
import type { PartOptions } from '../options.ts'
import { underLoad } from '../scene.ts'

const PATIENCE_MS = 120_000

/** Three NATS servers, each killed in its turn while the other two go on: nothing acknowledged is lost. */
export async function natsServerLost(options: PartOptions): Promise<string[]> {
  let cluster: NatsCluster | undefined
  const through: HouseOptions['through'] = async (urls, house) => {
    cluster = await startNatsCluster(house)
    return { ...urls, nats: cluster.url }
  }
  const setting = { name: 'nats-server-lost', through, env: { NATS_REPLICAS: '3' } }
  return await underLoad(options, setting, async ({ house, outages, goOn, remember, say }) => {
    const { names, isWhole } = cluster!
    const { launcher } = house
    const wait = async (what: string, isTrue: () => Promise<boolean>) => {
      const patience = { withinMs: PATIENCE_MS, everyMs: 200, signal: launcher.signal }
      if (!(await waitUntil(isTrue, patience))) throw new Error(`It never came true that ${what}`)
    }
    await wait('the streams have three copies', isWhole)
    for (const [n, name] of names.entries()) {
      await goOn((n + 1) / names.length, (n + 0.3) / names.length)
      await remember()
      await outages.during('nats', async () => {
        const pid = pidOf(launcher, name)!
        sendSignal(pid, 'SIGKILL')
        await wait(`${name} was started again`, () =>
          Promise.resolve(![undefined, pid].includes(pidOf(launcher, name))),
        )
        await wait(`the streams have three copies again`, isWhole)
        await outages.untilWorks('nats')
      })
      say(`killed ${name}; the streams have three copies again`)
    }
    return []
  })
}
