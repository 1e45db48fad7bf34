import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../launcher/failure.ts'
import { lineFormat } from '../launcher/format-log-line.ts'
import { findFreePort } from '../launcher/free-port.ts'
import type { House } from '../launcher/house.ts'
import { type ProcessSpec, supervise } from '../launcher/supervise.ts'
import { startTogether } from '../launcher/start-together.ts'
import { type ServicePorts, type ServiceSpec, serviceNames } from '../services.ts'

/** A service has this long to finish what it is doing. */
const STOP_WITHIN_MS = 25_000
const READY_WITHIN_MS = 60_000

/** Free ports for the services; the gateway has the public one. */
export async function chooseServicePorts(
  publicPort: number,
): Promise<Record<(typeof serviceNames)[number], ServicePorts>> {
  const taken = new Set<number>([publicPort])
  const next = async () => {
    let port = await findFreePort()
    while (taken.has(port)) port = await findFreePort()
    taken.add(port)
    return port
  }
  const ports: [string, ServicePorts][] = []
  for (const name of serviceNames) {
    ports.push([name, { port: name === 'gateway' ? publicPort : await next(), opsPort: await next() }])
  }
  return Object.fromEntries(ports) as Record<(typeof serviceNames)[number], ServicePorts>
}

/** Those that people and programs come in by are stopped first, so that the others can finish what they began. */
const doors: readonly string[] = ['bot', 'gateway']

/** Starts the services at the same time and waits until each says that it is ready. */
export async function startServices(specs: readonly ServiceSpec[], house: House): Promise<void> {
  const stops = new Map<string, () => Promise<void>>()
  const stopThose = async (isWanted: (name: string) => boolean) => {
    await Promise.all([...stops].filter(([name]) => isWanted(name)).map(([, stop]) => stop()))
  }
  house.opened.push(() => stopThose((name) => !doors.includes(name)))
  house.opened.push(() => stopThose((name) => doors.includes(name)))
  await startTogether(specs, house.signal, async (spec, signal) => {
    const entry = join(house.root, spec.entry)
    if (!existsSync(entry)) throw failure(`${entry} is missing: the clone is not complete.`)
    const { stop } = await supervise(processOf(spec, entry, house), { ...house, signal })
    stops.set(spec.name, stop)
    house.say(`${spec.name} is ready`)
  })
}

/** How a service is run, shown and stopped. */
export function processOf(spec: ServiceSpec, entry: string, house: House): ProcessSpec {
  return {
    name: spec.name,
    command: process.execPath,
    // Node itself starts a service again when one of the files that it has loaded changes.
    args: house.watch ? ['--watch', '--watch-preserve-output', entry] : [entry],
    cwd: house.root,
    env: spec.env,
    logFile: join(house.dataDir, 'logs', `${spec.name}.log`),
    formatLine: lineFormat(spec.name, house.env),
    onMessage: () => undefined,
    isReady: () => isReadyAt(`http://127.0.0.1:${spec.opsPort}/readyz`),
    readyWithinMs: READY_WITHIN_MS,
    stopSteps: [{ signal: 'SIGTERM', waitMs: STOP_WITHIN_MS }],
  }
}

async function isReadyAt(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
