import { describeError } from '../../tools/launcher/failure.ts'
import { say } from '../../tools/launcher/say.ts'
import { listenForStop } from '../../tools/launcher/stop-signals.ts'
import { type Arguments, type PartOptions, readArguments } from './options.ts'
import { clock } from './parts/clock.ts'
import { diskFull } from './parts/disk-full.ts'
import { halfAnHour } from './parts/half-an-hour.ts'
import { kills } from './parts/kills.ts'
import { natsAway } from './parts/nats-away.ts'
import { natsServerLost } from './parts/nats-server-lost.ts'
import { poison } from './parts/poison.ts'
import { postgresFailover } from './parts/postgres-failover.ts'
import { postgresRestarted } from './parts/postgres-restarted.ts'
import { redisEmptied } from './parts/redis-emptied.ts'
import { restore } from './parts/restore.ts'
import { rollingRestart } from './parts/rolling-restart.ts'
import { twoGateways } from './parts/two-gateways.ts'

/** A part brings up a house of its own, breaks something in it, and answers everything that was not as it must be. */
type Part = (options: PartOptions) => Promise<string[]>

const parts: Record<string, Part> = {
  kills,
  'redis-emptied': redisEmptied,
  'nats-away': natsAway,
  'nats-server-lost': natsServerLost,
  'postgres-restarted': postgresRestarted,
  'postgres-failover': postgresFailover,
  poison,
  restore,
  'rolling-restart': rollingRestart,
  'two-gateways': twoGateways,
  clock,
  'disk-full': diskFull,
  'half-an-hour': halfAnHour,
}
/** What is run where no part is named: the others take long, or are much like these. */
const usual = { full: ['kills'], short: ['kills', 'clock', 'disk-full'] }

/** `npm run faults`: each part's line is `ok` or `FAILED`, as those of the checks. */
async function main(): Promise<number> {
  const { only, ...given } = readArguments(process.argv.slice(2))
  const unknown = only.filter((name) => !(name in parts))
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`)
    return 2
  }
  const stop = listenForStop()
  let failed = 0
  for (const name of only.length > 0 ? only : usual[given.short ? 'short' : 'full']) {
    if (stop.signal.aborted) return 130
    if (!(await runPart(name, { ...given, stop, say }))) failed += 1
  }
  return stop.signal.aborted ? 130 : Math.min(failed, 1)
}

async function runPart(name: string, options: PartOptions): Promise<boolean> {
  const startedAt = performance.now()
  const how = commandOf(name, options)
  say(`faults: ${name}; to repeat it: ${how}`)
  const wrong = await parts[name]!(options).catch((error: unknown) => [describeError(error)])
  for (const line of wrong) console.log(`  ${line}`)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `${wrong.length === 0 ? 'ok    ' : 'FAILED'} faults: ${name} (${seconds} s, seed ${options.seed})`,
  )
  return wrong.length === 0
}

const commandOf = (name: string, { seed, transfers, minutes, short }: Omit<Arguments, 'only'>): string =>
  [
    `npm run faults -- --only ${name} --seed ${seed} --transfers ${transfers}`,
    ...(minutes === undefined ? [] : [`--minutes ${minutes}`]),
    ...(short ? ['--short'] : []),
  ].join(' ')

process.exit(await main())
