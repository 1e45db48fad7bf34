import { loadavg } from 'node:os'
import { connect } from '@nats-io/transport-node'
import { jetstreamManager } from '@nats-io/jetstream'
import { Redis } from 'ioredis'
import { type BenchHouse, startBenchHouse } from './bench-house.ts'
import type { Job } from './load.ts'
import { forkProcess, nextMessage } from './processes.ts'
import type { Round, RoundResult } from './read-load.ts'
import { ask, drained, givenSpenders, spend } from './spenders.ts'

const CALLERS = 16
const SECONDS = 8
const READS = 20_000

/** What a signed read and a transaction cost each part: the numbers of docs/SCALING.md. Nothing is compared. */
export async function bench(): Promise<boolean> {
  const house = await startBenchHouse(['auth', 'ledger', 'audit', 'gateway'])
  try {
    const { people } = await givenSpenders(house)
    await spend(house, { callers: CALLERS, seconds: 2, people })
    await ask(house, 'VACUUM ANALYZE')
    await readAll(house, people) // warm up
    await costOfReads(house, people)
    await costOfTransactions(house, people)
    await costOfBus(house)
    await costOfRedis(house)
    console.log(
      `load average ${loadavg()
        .map((load) => load.toFixed(2))
        .join(' ')}`,
    )
    return true
  } finally {
    await house.stop()
  }
}

type Used = Record<string, number>

/** Microseconds of processor time of each process for each of so many requests. */
function perRequest(before: Used, after: Used, requests: number): string {
  const each = Object.keys(after).map(
    (name) => [name, ((after[name]! - before[name]!) / requests) * 1000] as const,
  )
  const sum = each.reduce((all, [, micros]) => all + micros, 0)
  return `${each.map(([name, micros]) => `${name} ${micros.toFixed(0)}`).join(', ')}, together ${sum.toFixed(0)}`
}

async function readAll(house: BenchHouse, people: Job['people']): Promise<void> {
  const load = forkProcess('read-load.ts')
  try {
    const round: Round = { url: house.gatewayUrl, connections: CALLERS, requests: READS, people }
    load.send(round)
    await nextMessage(load)
    load.send('begin')
    const { latencies, refused } = (await nextMessage(load)) as RoundResult
    if (latencies.length !== READS) throw new Error(`Not all were answered 200: ${JSON.stringify(refused)}`)
  } finally {
    load.kill()
  }
}

async function costOfReads(house: BenchHouse, people: Job['people']): Promise<void> {
  const before = house.used()
  await readAll(house, people)
  await linesStored(house)
  console.log(`a signed page of accounts, microseconds: ${perRequest(before, house.used(), READS)}`)
}

/** Until no line of the access log came for a while. */
async function linesStored(house: BenchHouse): Promise<void> {
  const count = async () =>
    (await ask<{ n: number }>(house, 'SELECT count(*)::int AS n FROM audit.access_log')).n
  for (let [known, now] = [-1, await count()]; known !== now;) {
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    ;[known, now] = [now, await count()]
  }
}

interface Sizes {
  wal: number
  written: Record<string, number>
}

/** Bytes of log so far, and of each table with its indexes. */
async function sizes(house: BenchHouse): Promise<Sizes> {
  const { wal, written } = await ask<{ wal: string; written: Record<string, number> }>(
    house,
    `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal,
       (SELECT jsonb_object_agg(name, bytes) FROM (
          SELECT schemaname || '.' || regexp_replace(relname, '^access_log_.*', 'access_log') AS name,
            sum(pg_total_relation_size(relid)) AS bytes
          FROM pg_stat_user_tables WHERE schemaname IN ('ledger', 'audit') GROUP BY 1) tables) AS written`,
  )
  return { wal: Number(wal), written }
}

async function costOfTransactions(house: BenchHouse, people: Job['people']): Promise<void> {
  const [sizesBefore, before] = [await sizes(house), house.used()]
  const { all } = await spend(house, { callers: CALLERS, seconds: SECONDS, people })
  await drained(house)
  const used = house.used()
  await linesStored(house)
  const after = await sizes(house)
  console.log(`a transaction, microseconds: ${perRequest(before, used, all)}`)
  const grown = Object.entries(after.written)
    .map(([name, bytes]) => [name, (bytes - (sizesBefore.written[name] ?? 0)) / all] as const)
    .filter(([, bytes]) => bytes >= 1)
  const sum = grown.reduce((total, [, bytes]) => total + bytes, 0)
  console.log(
    `  bytes of ${all}: log ${((after.wal - sizesBefore.wal) / all).toFixed(0)}; tables with indexes ` +
      `${grown.map(([name, bytes]) => `${name} ${bytes.toFixed(0)}`).join(', ')}, together ${sum.toFixed(0)}`,
  )
}

async function costOfBus(house: BenchHouse): Promise<void> {
  const { username, password, host } = new URL(house.natsUrl)
  const connection = await connect({
    servers: host,
    ...(username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
  })
  try {
    const manager = await jetstreamManager(connection)
    for await (const { config, state } of manager.streams.list())
      if (state.messages > 0)
        console.log(
          `  ${config.name}: ${state.messages} messages of ${(state.bytes / state.messages).toFixed(0)} bytes`,
        )
  } finally {
    await connection.close()
  }
}

async function costOfRedis(house: BenchHouse): Promise<void> {
  const redis = new Redis(house.redisUrl)
  try {
    const byKind: Record<string, number[]> = {}
    for (const key of (await redis.keys('*')).slice(0, 5_000)) {
      const kind = /rate:|replay:/.exec(key)?.[0] ?? 'other'
      ;(byKind[kind] ??= []).push((await redis.memory('USAGE', key)) ?? 0)
    }
    for (const [kind, bytes] of Object.entries(byKind))
      console.log(
        `  Redis, ${kind} ${bytes.length} keys of ${(bytes.reduce((a, b) => a + b, 0) / bytes.length).toFixed(0)} bytes`,
      )
  } finally {
    redis.disconnect()
  }
}
