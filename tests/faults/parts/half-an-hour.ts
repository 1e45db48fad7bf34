import { setTimeout as sleep } from 'node:timers/promises'
import { decideFlat, type Series, thirdsOf, tolerances } from '../decide-flat.ts'
import { type Measured, measureCalls, measureProcesses, measureWaiting } from '../measure.ts'
import type { PartOptions } from '../options.ts'
import { type Scene, underLoad } from '../scene.ts'

const MINUTES = 30
const EVERY_MS = { full: 30_000, short: 3_000 }
/** A load that two busy cores carry without queues: what grows then is no queue. */
const TRANSFERS_PER_SECOND = 20
const TICK_MS = 100

/** Nothing is broken: the same load for half an hour, in which memory, descriptors, p99 and lags have to stay flat. */
export async function halfAnHour(options: PartOptions): Promise<string[]> {
  const seconds = options.short ? 60 : (options.minutes ?? MINUTES) * 60
  const transfers = seconds * TRANSFERS_PER_SECOND
  return await underLoad(options, { name: 'half-an-hour', transfers, mischief: 0 }, async (scene) => {
    const { short, load, say } = scene
    const stopAllowing = allowSteadily(scene)
    const measured = new Map<string, Series & { values: (number | undefined)[] }>()
    const turns = (seconds * 1000) / EVERY_MS[short ? 'short' : 'full']
    for (let n = 1; n <= turns; n += 1) {
      const before = load.seen.attempts.length
      await sleep(EVERY_MS[short ? 'short' : 'full'], undefined, { signal: scene.house.launcher.signal })
      const now = [
        ...measureProcesses(scene.house),
        ...measureCalls(load.seen.attempts.slice(before)),
        ...(await measureWaiting(scene.house)),
      ]
      for (const one of now) keep(measured, one)
      if (n % 10 === 0) say(`measured ${n} times of ${turns}; ${load.begun()} transfers`)
    }
    stopAllowing()
    const all = [...measured.values()]
    printTable(all)
    const allowed = tolerances[short ? 'short' : 'full']
    return all.flatMap((series) => decideFlat(series, allowed) ?? [])
  })
}

/** Lets so many transfers be begun in each second, whatever became of those before. */
function allowSteadily({ load }: Scene): () => void {
  const startedAt = performance.now()
  const timer = setInterval(() => {
    load.allow(Math.floor(((performance.now() - startedAt) / 1000) * TRANSFERS_PER_SECOND))
  }, TICK_MS)
  return () => clearInterval(timer)
}

function keep(
  measured: Map<string, Series & { values: (number | undefined)[] }>,
  { value, ...one }: Measured,
): void {
  const series = measured.get(one.what) ?? { ...one, values: [] }
  series.values.push(value)
  measured.set(one.what, series)
}

function printTable(all: readonly Series[]): void {
  console.table(
    Object.fromEntries(
      all.map((series) => {
        const [first, middle, last] = thirdsOf(series) ?? []
        const round = (value: number | undefined) => value && Math.round(value * 100) / 100
        return [
          series.what,
          {
            unit: series.unit,
            'first third': round(first),
            middle: round(middle),
            last: round(last),
            times: series.values.length,
          },
        ]
      }),
    ),
  )
}
