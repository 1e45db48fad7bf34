import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../tools/launcher/free-port.ts'
import type { House } from '../../tools/launcher/house.ts'
import type { ServiceSpec } from '../../tools/services.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** How often the balancer looks who is ready, in milliseconds. */
export const LOOK_MS = 100

/** One of several processes of a service, and where it listens itself. */
export interface Replica {
  name: string
  port: number
  opsPort: number
}

/**
 * Two of a service where one was, and in its place a balancer that gives new connections to those that are ready, in turns.
 * The second is called `NAME-2`.
 */
export async function doubleUp(spec: ServiceSpec, house: House, replicas: Replica[]): Promise<ServiceSpec[]> {
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

export const isReady = ({ opsPort }: Replica): Promise<boolean> =>
  fetch(`http://127.0.0.1:${opsPort}/readyz`, { signal: AbortSignal.timeout(3_000) }).then(
    async (answer) => (await answer.body?.cancel(), answer.status === 200),
    () => false,
  )
