import { type BenchHouse, startBenchHouse } from './bench-house.ts'
import type { Job } from './load.ts'
import { holds, ms, percentile } from './numbers.ts'
import { prepareYardstick, runYardstick } from './pgbench.ts'
import { ask, drained, givenSpenders, spend } from './spenders.ts'

const SECONDS = 8

/** How fast `POST /transactions` is beside one SQL call for each commit, and how soon its event is in the trail. */
export async function bench(): Promise<boolean> {
  const house = await startBenchHouse(['auth', 'ledger', 'audit', 'gateway'])
  try {
    const { people, spendable } = await givenSpenders(house)
    await spend(house, { callers: 4, seconds: 1, people }) // so that there is an event to copy
    await prepareYardstick(house, spendable)
    // What the planner knows of tables that were empty a moment ago, as autovacuum would tell it within a minute.
    await ask(house, 'ANALYZE')
    const results = []
    for (const [callers, wanted] of [
      [16, 0.5],
      [64, 1.5],
    ] as const)
      results.push(await compare(house, { callers, wanted, people, accounts: spendable.length }))
    results.push(await compareTrail(house))
    console.log(await fastPath(house))
    return results.every(Boolean)
  } finally {
    await house.stop()
  }
}

/** Yardstick, service, yardstick: what else the machine does meanwhile falls on both sides. */
async function compare(
  house: BenchHouse,
  {
    callers,
    wanted,
    people,
    accounts,
  }: { callers: number; wanted: number; people: Job['people']; accounts: number },
): Promise<boolean> {
  const measure = () => runYardstick(house, { callers, seconds: SECONDS, accounts })
  await drained(house)
  const before = await measure()
  const usedBefore = house.used()
  const { latencies, all, seconds, refused, cpu } = await spend(house, { callers, seconds: SECONDS, people })
  const used = house.used()
  await drained(house)
  const after = await measure()
  const perSecond = latencies.length / seconds
  const yardstick = (before.perSecond + after.perSecond) / 2
  console.log(
    `${callers} callers: ${perSecond.toFixed(0)} transactions/s, p50 ${ms(percentile(latencies, 0.5))}, ` +
      `p99 ${ms(percentile(latencies, 0.99))}; the load took ${cpu.toFixed(2)} of a core`,
  )
  const each = Object.keys(used).map(
    (name) => [name, ((used[name]! - usedBefore[name]!) / all) * 1000] as const,
  )
  const sum = each.reduce((total, [, micros]) => total + micros, (cpu * 1e6) / perSecond)
  console.log(
    `  microseconds of processor time for each: ${each.map(([name, micros]) => `${name} ${micros.toFixed(0)}`).join(', ')}, ` +
      `with the load ${sum.toFixed(0)}`,
  )
  console.log(
    `  pgbench: ${before.perSecond.toFixed(0)} and ${after.perSecond.toFixed(0)} /s, mean ${ms(before.latency)}; ` +
      `${before.cpu.toFixed(0)} and ${after.cpu.toFixed(0)} microseconds, ${((before.cpu + after.cpu) / 2 / sum).toFixed(2)} of ours`,
  )
  if (Object.keys(refused).length > 0) console.log(`  not 201: ${JSON.stringify(refused)}`)
  return holds(`${callers} callers against pgbench`, perSecond / yardstick, '>=', wanted)
}

async function compareTrail(house: BenchHouse): Promise<boolean> {
  const { p50, p99, n } = await ask<{ p50: number; p99: number; n: number }>(
    house,
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY lag) AS p99,
       count(*)::int AS n
     FROM (SELECT extract(epoch FROM recorded_at - occurred_at)::float AS lag FROM audit.event_log
           WHERE action = 'transaction.posted') events`,
  )
  console.log(`${n} events: from the request to the trail p50 ${ms(p50 * 1000)}, p99 ${ms(p99 * 1000)}`)
  return holds('seconds from the request to the trail, p99', p99, '<=', 1)
}

/** What the ledger says of its own short way. */
async function fastPath(house: BenchHouse): Promise<string> {
  const metrics = await fetch(`${house.opsUrl('ledger')}/metrics`).then((answer) => answer.text())
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('ledger_fast_path_total'))
    .join('\n')
}
