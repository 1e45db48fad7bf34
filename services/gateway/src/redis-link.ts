import type { Logger } from '@common-purse/kit/logger'
import { Redis } from 'ioredis'
import { redisScripts } from './redis-scripts.ts'

/** A Redis that may be away. Nobody waits for one that is known to be. */
export interface RedisLink {
  /** Runs a command; rejects with {@link RedisAway} when it takes too long, and at once while Redis is away. */
  run<Value>(command: (redis: Redis) => Promise<Value>): Promise<Value>
  /** Resolves when Redis was reached for the first time. */
  ready: Promise<void>
  /** Id of the run of the Redis server that is connected. */
  runId(): string
  check(): Promise<void>
  /** Says in the logs why changes wait, at most every few seconds. */
  warn(reason: string): void
  stop(): void
}

export class RedisAway extends Error {
  override name = 'RedisAway'
}

/** After a command that took too long, Redis counts as away for this long: every request waits once, not in each layer. */
const REST_MS = 1_000
/** Between two lines that say why a Redis that is there is of no use. */
const QUIET_MS = 5_000

export interface RedisLinkOptions {
  url: string
  /** Milliseconds that a command may take. */
  timeoutMs: number
  logger: Logger
  /** Called on each new connection before anybody may use it, with the id of this run of the server. */
  arrive(redis: Redis, runId: string): Promise<void>
}

const connect = (url: string): Redis =>
  new Redis(url, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    scripts: redisScripts,
  })

/** Connects in the background, for as long as it takes. */
export function openRedis({ url, timeoutMs, logger, arrive }: RedisLinkOptions): RedisLink {
  let usable = false
  let stopped = false
  let connection = 0
  let runId = 'unknown'
  let firstReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (firstReady = resolve))
  const redis = connect(url)
  const failures = createFailures(logger)

  const greet = async () => {
    const mine = ++connection
    runId = /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
    await arrive(redis, runId)
    if (mine !== connection || redis.status !== 'ready') return
    usable = true
    failures.forget()
    logger.info('Redis is there')
    firstReady()
  }
  const leave = () => {
    if (usable && !stopped) logger.warn('Redis is away: limits count per process, changes wait')
    usable = false
    connection++
  }
  redis.on('ready', () => {
    greet().catch((error: unknown) => {
      logger.warn({ err: (error as Error).message }, 'Redis could not be greeted; connecting again')
      redis.disconnect(true)
    })
  })
  redis.on('close', leave)
  tellOnce(redis, logger)

  return {
    ready,
    runId: () => runId,
    run: async (command) => {
      if (!usable || failures.isResting()) throw new RedisAway('Redis is away')
      try {
        return await within(timeoutMs, command(redis))
      } catch (error) {
        failures.note(error as Error)
        throw error
      }
    },
    check: async () => {
      await within(1_000, redis.ping())
      if (!usable) throw new RedisAway('Redis is away')
    },
    warn: failures.warn,
    stop: () => {
      stopped = true
      redis.disconnect()
    },
  }
}

/** What failed commands say of Redis: whether it is left alone for a moment, and a line for the logs, not one for each. */
function createFailures(logger: Logger) {
  let restingUntil = 0
  let quietUntil = 0
  const isResting = () => performance.now() < restingUntil
  const warn = (reason: string) => {
    if (performance.now() < quietUntil) return
    quietUntil = performance.now() + QUIET_MS
    logger.warn(`${reason}: changes wait`)
  }
  return {
    isResting,
    warn,
    forget: () => void (restingUntil = 0),
    note: (error: Error) => {
      // Full, or a replica that takes no writes: there, and of no use.
      if (error.name === 'ReplyError') warn(`Redis refuses (${error.message}), limits count per process`)
      if (!(error instanceof RedisAway) || isResting()) return
      restingUntil = performance.now() + REST_MS
      logger.warn({ err: error.message }, 'Redis is slow: limits count per process, changes wait')
    },
  }
}

/** One line for each time that Redis cannot be reached, not one for each try. */
function tellOnce(redis: Redis, logger: Logger): void {
  let told = false
  redis.on('ready', () => (told = false))
  redis.on('error', (error: Error) => {
    if (!told) logger.warn({ err: error.message }, 'Redis cannot be reached; trying again')
    told = true
  })
}

/** Gives up after the limit, but first looks once whether the answer has arrived: a busy process is not a slow Redis. */
function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new RedisAway(`No answer within ${limitMs} ms`))
    const timer = setTimeout(() => setImmediate(giveUp), limitMs)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
