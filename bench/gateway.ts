import type { ChildProcess } from 'node:child_process'
import { openServers } from './bench-house.ts'
import { type Side, startSides } from './gateway-sides.ts'
import { holds, ms, percentile } from './numbers.ts'
import { cpuMsOf, forkProcess, nextMessage } from './processes.ts'
import type { Round, RoundResult } from './read-load.ts'

const CONNECTIONS = 32
const ROUNDS = 5
const ROUND_MS = 4_000
const WARM_UP_ROUNDS = 3
const WARM_UP_REQUESTS = 4_000

/** What one round of one side came to. Processor time in milliseconds for each request. */
interface Measured {
  perSecond: number
  p50: number
  p99: number
  /** Share of one core. */
  loadShare: number
  cpu: Record<string, number>
}

/** A signed read through all six layers, beside the bare proxy and beside HAProxy with its checks, before the same service. */
export async function bench(): Promise<boolean> {
  const servers = await openServers(['redis', 'nats'])
  const load = forkProcess('read-load.ts')
  try {
    const { sides, service } = await startSides(servers.house, servers.urls)
    const runs = sides.map((side) => ({
      side,
      service,
      load,
      requests: WARM_UP_REQUESTS,
      rounds: [] as Measured[],
    }))
    for (const run of runs) await warmUp(run)
    for (let round = 0; round < ROUNDS; round++)
      // Each is first, second and last in turn.
      for (let place = 0; place < runs.length; place++) await measure(runs[(round + place) % runs.length]!)
    return compare(runs)
  } finally {
    load.kill()
    await servers.stop()
  }
}

interface Run {
  side: Side
  service: number
  load: ChildProcess
  /** In one round. */
  requests: number
  rounds: Measured[]
}

/** Until the compiler has done its work; then as many requests make a round as are answered in its time. */
async function warmUp(run: Run): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await measure(run)
  run.requests = Math.round((run.rounds.at(-1)!.perSecond * ROUND_MS) / 1000)
  run.rounds.length = 0
}

async function measure({ side, service, load, requests, rounds }: Run): Promise<void> {
  const pids = { ...side.processes, service }
  const round: Round = { url: side.url, connections: CONNECTIONS, requests, people: side.people }
  load.send(round)
  await nextMessage(load) // all is signed, and the clock of the load starts
  const before = usedBy(pids)
  load.send('begin')
  const result = (await nextMessage(load)) as RoundResult
  const after = usedBy(pids)
  if (result.latencies.length !== requests)
    throw new Error(`${side.name}: not all were answered 200: ${JSON.stringify(result.refused)}`)
  const cpu = Object.fromEntries(
    Object.keys(pids).map((name) => [name, (after[name]! - before[name]!) / requests]),
  )
  rounds.push({
    perSecond: (requests / result.elapsedMs) * 1000,
    p50: percentile(result.latencies, 0.5),
    p99: percentile(result.latencies, 0.99),
    loadShare: result.cpuMs / result.elapsedMs,
    cpu: { ...cpu, load: result.cpuMs / requests },
  })
}

const usedBy = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid) ?? Number.NaN]))

function compare(runs: Run[]): boolean {
  for (const run of runs) report(run)
  const [gateway, bare, haproxy] = runs.map((run) => medianOf(run, ({ perSecond }) => perSecond)) as [
    number,
    number,
    number,
  ]
  holds('a signed read against bare http-proxy-middleware, the aim', gateway / bare, '>=', 1)
  return [
    holds('a signed read against bare http-proxy-middleware', gateway / bare, '>=', 0.8),
    holds('a signed read against HAProxy with its checks', gateway / haproxy, '>=', 0.35),
  ].every(Boolean)
}

const medianOf = ({ rounds }: Run, value: (measured: Measured) => number): number =>
  percentile(rounds.map(value), 0.5)

function report(run: Run): void {
  const per = (name: string) => `${name} ${(medianOf(run, ({ cpu }) => cpu[name]!) * 1000).toFixed(0)}`
  const all = run.rounds.map(({ perSecond }) => perSecond.toFixed(0)).join(' ')
  console.log(
    `${run.side.name}: ${medianOf(run, ({ perSecond }) => perSecond).toFixed(0)} requests/s (${all}), ` +
      `p50 ${ms(medianOf(run, ({ p50 }) => p50))}, p99 ${ms(medianOf(run, ({ p99 }) => p99))}`,
  )
  console.log(
    `  microseconds of processor time for each: ${Object.keys(run.rounds[0]!.cpu).map(per).join(', ')}; ` +
      `the load took ${medianOf(run, ({ loadShare }) => loadShare).toFixed(2)} of a core`,
  )
}
