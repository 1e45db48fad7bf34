import { Redis, type Result } from 'ioredis'
import type { Logger } from '@common-purse/kit/logger'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countHit(key: string, windowMs: number): Result<[number, number], Context>
    rememberNonce(
      nonceKey: string,
      markerKey: string,
      keepMs: number,
      notBefore: number,
      runId: string,
    ): Result<'new' | 'seen' | 'forgotten' | 'began', Context>
    markArrival(markerKey: string, runId: string): Result<number, Context>
  }
}

/** A Redis that may be away. Nobody waits for one that is known to be. */
export interface RedisLink {
  /** Runs a command within `limitMs`; rejects with {@link RedisAway} at once while Redis is away. */
  run<Value>(limitMs: number, command: (redis: Redis) => Promise<Value>): Promise<Value>
  /** Resolves when Redis was reached for the first time. */
  ready: Promise<void>
  isReady(): boolean
  /** Id of the run of the Redis server that is connected. */
  runId(): string
  check(): Promise<void>
  stop(): void
}

export class RedisAway extends Error {
  override name = 'RedisAway'
}

/** After a command that took too long, Redis counts as away for this long: every request waits once, not in each layer. */
const REST_MS = 1_000

const scripts = {
  countHit: {
    numberOfKeys: 1,
    lua: `local hits = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) left = tonumber(ARGV[1]) end
return {hits, left}`,
  },
  // The marker says since when this Redis remembers nonces. Without it everything before now is forgotten, so it begins now.
  // A signature that cannot have existed before needs no memory of that time.
  rememberNonce: {
    numberOfKeys: 2,
    lua: `local since = redis.call('HGET', KEYS[2], 'since')
if not since then
  redis.call('HSET', KEYS[2], 'since', redis.call('TIME')[1], 'run_id', ARGV[3])
  return 'began'
end
if tonumber(ARGV[2]) <= tonumber(since) then return 'forgotten' end
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 'new' end
return 'seen'`,
  },
  // Answers the milliseconds until the marker's second is over; 0 when the marker was there before.
  markArrival: {
    numberOfKeys: 1,
    lua: `if redis.call('HGET', KEYS[1], 'run_id') == ARGV[1] then return 0 end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'since', now[1], 'run_id', ARGV[1])
return 1000 - math.floor(now[2] / 1000)`,
  },
} as const

export interface RedisLinkOptions {
  url: string
  logger: Logger
  /** Called on each new connection before anybody may use it, with the id of this run of the server. */
  arrive(redis: Redis, runId: string): Promise<void>
}

export function openRedis({ url, logger, arrive }: RedisLinkOptions): RedisLink {
  let usable = false
  let connection = 0
  let runId = 'unknown'
  let restingUntil = 0
  let firstReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (firstReady = resolve))
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    scripts,
  })

  const leave = (reason: string) => {
    if (usable) logger.warn({ reason }, 'Redis is away: limits count per process, changes wait')
    usable = false
    connection++
  }
  const greet = async () => {
    const mine = ++connection
    runId = /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
    await arrive(redis, runId)
    if (mine !== connection || redis.status !== 'ready') return
    usable = true
    restingUntil = 0
    logger.info('Redis is there')
    firstReady()
  }
  let told = false
  redis.on('error', (error: Error) => {
    if (!told && !usable) logger.warn({ err: error.message }, 'Redis cannot be reached; trying again')
    told = true
  })
  redis.on('close', () => leave('the connection closed'))
  redis.on('ready', () => {
    told = false
    greet().catch((error: unknown) => {
      logger.warn({ err: (error as Error).message }, 'Redis could not be greeted; connecting again')
      redis.disconnect(true)
    })
  })

  const run: RedisLink['run'] = async (limitMs, command) => {
    if (!usable || Date.now() < restingUntil) throw new RedisAway('Redis is away')
    try {
      return await within(limitMs, command(redis))
    } catch (error) {
      if (error instanceof RedisAway && Date.now() >= restingUntil) {
        restingUntil = Date.now() + REST_MS
        logger.warn({ limit_ms: limitMs }, 'Redis is slow: limits count per process, changes wait')
      }
      throw error
    }
  }

  return {
    run,
    ready,
    runId: () => runId,
    isReady: () => usable && Date.now() >= restingUntil,
    check: async () => {
      await within(1_000, redis.ping())
      if (!usable) throw new RedisAway('Redis is away')
    },
    stop: () => redis.disconnect(),
  }
}

/** Gives up after the limit, but first looks once whether the answer has arrived: a busy process is not a slow Redis. */
function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new RedisAway(`No answer within ${limitMs} ms`))
    const timer = setTimeout(() => setImmediate(giveUp), limitMs)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
