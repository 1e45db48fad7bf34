import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadavg } from 'node:os'
import { startBenchHouse } from './bench-house.ts'
import { drained, givenSpenders, spend } from './spenders.ts'

const CALLERS = 16
const SECONDS = 6
const services = ['gateway', 'ledger', 'audit'] as const

/** What a transaction costs the services without traces, with every request traced, and without again. Nothing is compared. */
export async function bench(): Promise<boolean> {
  const collector = await startCollector()
  try {
    for (const [name, env] of [
      ['off', {}],
      ['on', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }],
      ['off', {}],
    ] as const)
      console.log(`traces ${name}: ${await cost(env)}`)
    console.log(`the collector was sent ${(collector.bytes() / 1e6).toFixed(1)} MB`)
    return true
  } finally {
    collector.stop()
  }
}

/** Microseconds of processor time for each transaction, by service. */
async function cost(env: NodeJS.ProcessEnv): Promise<string> {
  const house = await startBenchHouse(['auth', 'ledger', 'audit', 'gateway'], env)
  try {
    const { people } = await givenSpenders(house)
    await spend(house, { callers: CALLERS, seconds: 2, people })
    await drained(house)
    const before = house.used()
    const { all } = await spend(house, { callers: CALLERS, seconds: SECONDS, people })
    await drained(house)
    const used = house.used()
    const each = services.map((name) => [name, ((used[name]! - before[name]!) / all) * 1000] as const)
    const sum = each.reduce((total, [, micros]) => total + micros, 0)
    return (
      `${each.map(([name, micros]) => `${name} ${micros.toFixed(0)}`).join(', ')}, together ${sum.toFixed(0)} ` +
      `microseconds for each of ${all} transactions, load average ${loadavg()[0]!.toFixed(2)}`
    )
  } finally {
    await house.stop()
  }
}

/** Takes traces and keeps none of them. */
async function startCollector() {
  let bytes = 0
  const server = createServer((req, res) => {
    req.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => res.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
