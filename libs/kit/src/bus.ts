import { setTimeout as sleep } from 'node:timers/promises'
import { streamDays, type StreamName, streams } from '@common-purse/contracts'
import {
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node'
import type { Logger } from './logger.ts'

export interface BusConfig {
  NATS_URL: string
  NATS_PREFIX: string
  NATS_REPLICAS: number
}

/** The connected bus. Subjects and names given to its users carry no prefix; `prefixed` adds it. */
export interface Bus {
  connection: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  subject(name: string): string
  stream(name: StreamName): string
  durable(name: string): string
}

/** A bus that may be away: it connects in the background, for as long as it takes. */
export interface BusLink {
  /** Resolves when the bus was reached and its streams are there; rejects only after `stop`. */
  ready: Promise<Bus>
  /** A real JetStream round trip; throws when the bus is away. */
  check(): Promise<void>
  /** True while the bus is reached and its streams are there. */
  isConnected(): boolean
  /** Counts how often the bus was reached: after a change it may be one that has forgotten everything. */
  arrivals(): number
  /** Makes sure of the streams again; for whoever finds that one is gone while the bus is there. */
  repair(): void
  stop(): Promise<void>
}

const RETRY_MS = 500
const DAY_MS = 86_400_000
const DUPLICATE_WINDOW_MS = 10 * 60_000

/** `nats://user:password@one:4222,nats://two:4222`: the first one's login counts for all. */
function connectionOptions(url: string) {
  const servers = url.split(',').map((server) => new URL(server))
  const { username, password } = servers[0]!
  return {
    servers: servers.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
  }
}

/** One attempt to reach NATS and to make sure of the streams. */
async function connectOnce(config: BusConfig, name: string): Promise<Bus> {
  const connection = await connect({
    ...connectionOptions(config.NATS_URL),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    pingInterval: 10_000,
    noAsyncTraces: true, // a stack for each publish costs more than the publish
  })
  try {
    const jsm = await jetstreamManager(connection)
    await ensureStreams(jsm, config)
    const under = (joint: string) => (known: string) =>
      config.NATS_PREFIX ? config.NATS_PREFIX + joint + known : known
    const js = jetstream(connection, { timeout: 5_000 })
    return { connection, js, jsm, subject: under('.'), stream: under('_'), durable: under('_') }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Connects to NATS and makes sure of the streams; neither a missing NATS nor its restart stops the service. */
export function openBus(config: BusConfig, name: string, logger: Logger): BusLink {
  let stopped = false
  let connected = false
  let arrivals = 0
  let losses = 0
  let bus: Bus | undefined

  /** A bus that comes back may have lost its streams with its disk. */
  const settle = async (reached: Bus) => {
    connected = false
    const loss = ++losses
    const isOver = () => stopped || loss !== losses // gone again: its next arrival settles it
    if (!(await untilStreamsAre(reached, { config, logger, isOver }))) return
    connected = true
    arrivals++
  }

  const watch = async (reached: Bus) => {
    for await (const { type } of reached.connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue
      logger.warn(`NATS: ${type}`)
      if (type === 'reconnect') void settle(reached)
      else [connected, losses] = [false, losses + 1]
    }
  }

  const untilConnected = async (): Promise<Bus> => {
    for (let told = false; !stopped; told = true) {
      try {
        const reached = await connectOnce(config, name)
        if (stopped) {
          await reached.connection.close() // it was reached too late for `stop` to close it
          break
        }
        ;[bus, connected, arrivals] = [reached, true, 1]
        void watch(reached)
        return reached
      } catch (error) {
        if (!told) logger.warn({ err: (error as Error).message }, 'NATS cannot be reached yet')
        await sleep(RETRY_MS)
      }
    }
    throw new Error('The bus was closed')
  }

  const ready = untilConnected()
  ready.catch(() => undefined) // whoever needs the bus awaits it; a stop before it was reached is no crash

  return {
    ready,
    isConnected: () => connected,
    arrivals: () => arrivals,
    repair: () => {
      if (bus && connected) void settle(bus)
    },
    check: async () => {
      if (!bus || !connected) throw new Error('NATS is not connected')
      await bus.jsm.getAccountInfo()
    },
    stop: async () => {
      stopped = true
      connected = false
      await bus?.connection.drain().catch(() => bus?.connection.close())
    },
  }
}

/** Tries until the streams are there; answers false when that is over before. */
async function untilStreamsAre(
  bus: Bus,
  { config, logger, isOver }: { config: BusConfig; logger: Logger; isOver: () => boolean },
): Promise<boolean> {
  for (;;) {
    if (isOver()) return false
    try {
      await ensureStreams(bus.jsm, config)
      return !isOver()
    } catch (error) {
      logger.warn({ err: (error as Error).message }, 'NATS is there, its streams are not yet')
      await sleep(RETRY_MS)
    }
  }
}

/** Streams keep what they hold: on disk, no deletes, no purges; some for a time. */
async function ensureStreams(jsm: JetStreamManager, config: BusConfig): Promise<void> {
  for (const [name, subjects] of Object.entries(streams)) {
    const prefixed = config.NATS_PREFIX ? `${config.NATS_PREFIX}_${name}` : name
    const max_age = nanos((streamDays[name as StreamName] ?? 0) * DAY_MS)
    const found = await jsm.streams.info(prefixed).catch(() => undefined)
    if (found && found.config.max_age !== max_age) await jsm.streams.update(prefixed, { max_age })
    if (found) continue
    await jsm.streams.add({
      name: prefixed,
      subjects: [config.NATS_PREFIX ? `${config.NATS_PREFIX}.${subjects}` : subjects],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      max_age,
      num_replicas: config.NATS_REPLICAS,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      deny_delete: true,
      deny_purge: true,
    })
  }
}
