import { readdirSync, readFileSync } from 'node:fs'
import { percentile } from '../../bench/numbers.ts'
import { serviceNames } from '../../tools/services.ts'
import type { Attempt } from './decide-attempt.ts'
import type { FaultHouse, ProcessName } from './house.ts'
import { readMetrics } from './ops-port.ts'

/** One thing that was measured, with its unit. */
export interface Measured {
  what: string
  unit: 'MB' | 'count' | 'ms' | 's'
  value: number | undefined
}

/** Memory and descriptors of each service and server, as the system tells. */
export function measureProcesses(house: FaultHouse): Measured[] {
  const names: ProcessName[] = [...serviceNames, 'nats', 'redis']
  return names.flatMap((name) => {
    const pid = house.pidOf(name)
    return [
      { what: `${name}: resident memory`, unit: 'MB' as const, value: read(() => residentMegabytes(pid!)) },
      {
        what: `${name}: descriptors`,
        unit: 'count' as const,
        value: read(() => readdirSync(`/proc/${pid}/fd`).length),
      },
    ]
  })
}

function read(measure: () => number): number | undefined {
  try {
    return measure()
  } catch {
    return undefined // between two lives
  }
}

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

const ENOUGH = 20

/** The 99th percentile of each call that came often enough. Verifying walks the whole chain, which grows: it is left out. */
export function measureCalls(attempts: readonly Attempt[]): Measured[] {
  const answered = attempts.filter(
    ({ outcome, call }) => outcome.kind === 'answer' && !call.includes('verify'),
  )
  const byCall = Map.groupBy(answered, ({ call }) => call.split('?', 1)[0]!)
  return [...byCall]
    .filter(([, list]) => list.length >= ENOUGH)
    .map(([call, list]) => ({
      what: `${call}: p99`,
      unit: 'ms' as const,
      value: percentile(
        list.map(({ startedAt, endedAt }) => endedAt - startedAt),
        0.99,
      ),
    }))
}

/** How long the oldest event has waited, and the oldest message that a reader has not stored. */
export async function measureWaiting(house: FaultHouse): Promise<Measured[]> {
  const told: Measured[] = []
  for (const name of ['auth', 'ledger', 'audit'] as const) {
    const metrics = await readMetrics(house, name)
    told.push({ what: `${name}: oldest event`, unit: 's', value: metrics.most('outbox_age_seconds') })
    if (name !== 'auth')
      told.push({ what: `${name}: reader’s lag`, unit: 's', value: metrics.most('consumer_lag_seconds') })
  }
  return told
}
