import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../../tools/launcher/free-port.ts'
import type { House } from '../../../tools/launcher/house.ts'
import { sendSignal } from '../../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import type { ServiceSpec } from '../../../tools/services.ts'
import { pidOf } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { type Scene, underLoad } from '../scene.ts'
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts'

/** As Kubernetes is told: not ready at once, and still taking requests until everybody knows. */
const DRAIN_SECONDS = '2'
const LOOK_MS = 100
const REQUESTS = 5_000

interface Replica {
  name: string
  port: number
  opsPort: number
}

/**
 * Two replicas of each service behind a balancer that sends new connections to those that say they are ready. Each is
 * restarted in its turn while requests come in, and none of them fails.
 */
export async function rollingRestart(options: PartOptions): Promise<string[]> {
  const replicas: Replica[] = []
  const arrange = async (specs: ServiceSpec[], _context: unknown, house: House) => {
    const doubled = await Promise.all(specs.map((spec) => doubleUp(spec, house, replicas)))
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

/** Two of a service where one was, and the balancer in its place. The bot has one, because Telegram talks to one. */
async function doubleUp(spec: ServiceSpec, house: House, replicas: Replica[]): Promise<ServiceSpec[]> {
  if (spec.name === 'bot') return [spec]
  const own: ServiceSpec[] = []
  for (const suffix of ['', '-2']) {
    const [port, opsPort] = [await findFreePort(), await findFreePort()]
    const env = { ...spec.env, PORT: String(port), OPS_PORT: String(opsPort) }
    own.push({ ...spec, name: `${spec.name}${suffix}` as ServiceSpec['name'], port, opsPort, env })
  }
  replicas.push(...own)
  const door = await startTcpProxy([], house, spec.port)
  const opsDoor = await startTcpProxy([], house, spec.opsPort)
  balance(own, [door, opsDoor], house)
  return own
}

/** Looks again and again who is ready. */
function balance(replicas: Replica[], [door, opsDoor]: [TcpProxy, TcpProxy], { opened }: House): void {
  let ended = false
  const watch = async () => {
    while (!ended) {
      const ready = await Promise.all(replicas.map(isReady))
      const there = replicas.filter((_, index) => ready[index])
      door.pointTo(there.map(({ port }) => port))
      opsDoor.pointTo(there.map(({ opsPort }) => opsPort))
      await sleep(LOOK_MS)
    }
  }
  void watch()
  opened.push(() => void (ended = true))
}

const isReady = ({ opsPort }: Replica) =>
  fetch(`http://127.0.0.1:${opsPort}/readyz`, { signal: AbortSignal.timeout(3_000) }).then(
    async (answer) => (await answer.body?.cancel(), answer.status === 200),
    () => false,
  )

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
