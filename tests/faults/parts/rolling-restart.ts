import { setTimeout as sleep } from 'node:timers/promises'
import type { House } from '../../../tools/launcher/house.ts'
import { sendSignal } from '../../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import type { ServiceSpec } from '../../../tools/services.ts'
import { pidOf } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { doubleUp, isReady, LOOK_MS, type Replica } from '../replicas.ts'
import { type Scene, underLoad } from '../scene.ts'

/** As Kubernetes is told: not ready at once, and still taking requests until everybody knows. */
const DRAIN_SECONDS = '2'
const REQUESTS = 5_000

/**
 * Two replicas of each service behind a balancer that sends new connections to those that say they are ready. Each is
 * restarted in its turn while requests come in, and none of them fails.
 */
export async function rollingRestart(options: PartOptions): Promise<string[]> {
  const replicas: Replica[] = []
  const arrange = async (specs: ServiceSpec[], _context: unknown, house: House) => {
    // The bot has one, because Telegram talks to one.
    const several = async (spec: ServiceSpec) =>
      spec.name === 'bot' ? [spec] : await doubleUp(spec, house, replicas)
    const doubled = await Promise.all(specs.map(several))
    return doubled.flat()
  }
  const transfers = options.short ? options.transfers : Math.max(options.transfers, REQUESTS)
  const setting = { name: 'rolling-restart', arrange, transfers, mischief: 0, env: { DRAIN_SECONDS } }
  return await underLoad(options, setting, async (scene) => {
    for (const [n, replica] of replicas.entries()) {
      await scene.goOn((n + 1) / replicas.length, (n + 0.2) / replicas.length)
      await restart(scene, replica)
    }
    await scene.goOn(1, 1)
    await scene.load.finished
    return failed(scene)
  })
}

/** SIGTERM, and the next one only when this one is ready again and the balancer has seen it. */
async function restart({ house, load, say }: Scene, replica: Replica): Promise<void> {
  const { launcher } = house
  const pid = pidOf(launcher, replica.name)!
  const startedAt = Date.now()
  sendSignal(pid, 'SIGTERM')
  const isBack = async () =>
    ![undefined, pid].includes(pidOf(launcher, replica.name)) && (await isReady(replica))
  if (!(await waitUntil(isBack, { withinMs: 90_000, signal: launcher.signal })))
    throw new Error(`${replica.name} did not come back`)
  await sleep(10 * LOOK_MS)
  say(
    `at transfer ${load.begun()}: restarted ${replica.name} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
  )
}

/** Not one request may have been turned away. */
function failed({ load, say }: Scene): string[] {
  const { attempts } = load.seen
  const bad = attempts.filter(({ outcome }) => outcome.kind === 'lost' || outcome.status >= 500)
  say(`${attempts.length} requests, ${bad.length} failed`)
  const kinds = bad.map(({ call, outcome }) =>
    outcome.kind === 'lost' ? `${call}: ${outcome.how}` : `${call}: ${outcome.status} ${outcome.code}`,
  )
  return [...Map.groupBy(kinds, (kind) => kind)].map(
    ([kind, { length }]) => `Failed during a rolling restart: ${kind} (${length} times)`,
  )
}
