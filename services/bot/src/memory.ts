import type { Logger } from '@common-purse/kit/logger'
import { StoreAwayError } from '@common-purse/kit/poison'
import { Redis } from 'ioredis'

/** The bot's memory cannot be reached; said to the person in words. */
export class MemoryAwayError extends StoreAwayError {
  override name = 'MemoryAwayError'
}

export interface Versioned {
  version: number
  value: string
}

/** What the bot keeps between two messages. Every function throws {@link MemoryAwayError} while Redis is away. */
export interface Memory {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string, seconds: number): Promise<void>
  /** Stores the value unless the key is there; answers the value that was there. */
  setNew(key: string, value: string, seconds: number): Promise<string | undefined>
  delete(key: string): Promise<void>
  /** The fields of a record; none when there is no such record. */
  fields(key: string): Promise<Record<string, string>>
  /** Sets a field of a record, which is then kept for so many seconds. */
  setField(key: string, field: string, value: string, seconds: number): Promise<void>
  /** Sets a field to `version value`, unless the version that is there is as new; the record is kept on either way. */
  keepNewest(key: string, field: string, newest: Versioned, seconds: number): Promise<void>
  /** Notes something for a time in milliseconds, unless it is noted already. */
  schedule(list: string, what: string, at: number): Promise<void>
  /** What is noted for a time that has come, oldest first. */
  due(list: string, now: number, limit: number): Promise<string[]>
  /** Gives what is noted another time; what is not stays so. */
  postpone(list: string, what: string, at: number): Promise<void>
  unschedule(list: string, what: string): Promise<void>
  isScheduled(list: string, what: string): Promise<boolean>
  /** Runs a script of Redis, for what has to happen at once. */
  evaluate(script: string, keys: string[], values: (string | number)[]): Promise<unknown>
  check(): Promise<void>
  stop(): void
}

/** In one step: what is there could be gone between being in the way and being read. */
const SET_NEW = `local there = redis.call('GET', KEYS[1])
if not there then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
return there`

/** Reports of one thing may come late or twice, and two replicas may hear of it at once: the newest stays. */
const KEEP_NEWEST = `local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there or tonumber(string.match(there, '^%d+')) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])`

/** Nothing is scheduled for a later time; a list that nobody uses any more goes by itself. */
const SCHEDULE_SECONDS = 400 * 86_400
/** A Redis that takes longer is as good as away, unless told. */
const COMMAND_MS = 5_000
const FIRST_CONNECTION_MS = 3_000

/** Opens Redis; when it is away for now, the bot starts all the same and says so to whoever writes. */
export async function openMemory(
  url: string,
  prefix: string,
  logger: Logger,
  commandMs = COMMAND_MS,
): Promise<Memory> {
  const redis = new Redis(url, {
    keyPrefix: `${prefix}bot:`,
    enableOfflineQueue: false,
    commandTimeout: commandMs,
    connectTimeout: FIRST_CONNECTION_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
  })
  let told = false
  redis.on('ready', () => (told = false))
  redis.on('error', (error: Error) => {
    if (!told) logger.warn({ err: error.message }, 'Redis cannot be reached')
    told = true
  })
  const run = async <Value>(command: () => Promise<Value>): Promise<Value> => {
    try {
      return await command()
    } catch (cause) {
      throw new MemoryAwayError('Redis cannot be reached', { cause })
    }
  }
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve)
    setTimeout(resolve, FIRST_CONNECTION_MS).unref()
  })
  return {
    get: async (key) => (await run(() => redis.get(key))) ?? undefined,
    set: async (key, value, seconds) => void (await run(() => redis.set(key, value, 'EX', seconds))),
    setNew: async (key, value, seconds) => {
      const there = await run(() => redis.eval(SET_NEW, 1, key, value, seconds))
      return (there as string | null) ?? undefined
    },
    delete: async (key) => void (await run(() => redis.del(key))),
    fields: (key) => run(() => redis.hgetall(key)),
    setField: async (key, field, value, seconds) =>
      void (await run(() => redis.multi().hset(key, field, value).expire(key, seconds).exec())),
    keepNewest: async (key, field, { version, value }, seconds) =>
      void (await run(() => redis.eval(KEEP_NEWEST, 1, key, field, version, value, seconds))),
    schedule: async (list, what, at) =>
      void (await run(() => redis.multi().zadd(list, 'NX', at, what).expire(list, SCHEDULE_SECONDS).exec())),
    due: (list, now, limit) => run(() => redis.zrangebyscore(list, '-inf', now, 'LIMIT', 0, limit)),
    postpone: async (list, what, at) => void (await run(() => redis.zadd(list, 'XX', at, what))),
    unschedule: async (list, what) => void (await run(() => redis.zrem(list, what))),
    isScheduled: async (list, what) => (await run(() => redis.zscore(list, what))) !== null,
    evaluate: (script, keys, values) => run(() => redis.eval(script, keys.length, ...keys, ...values)),
    check: async () => void (await run(() => redis.ping())),
    stop: () => redis.disconnect(),
  }
}

const LANGUAGE_SECONDS = 366 * 86_400
const languageKey = (telegramId: string) => `language:${telegramId}`

/** Remembers the language of a person whom the bot may write to first. */
export const keepLanguage = async (memory: Memory, telegramId: string, language: string): Promise<void> =>
  memory.set(languageKey(telegramId), language, LANGUAGE_SECONDS)

/** The language to write to a person in: the one they chose, or else the one Telegram said they have. */
export const languageOf = async (memory: Memory, telegramId: string): Promise<string | undefined> =>
  (await chosenLanguage(memory, telegramId)) ?? (await memory.get(languageKey(telegramId)))

const chosenKey = (telegramId: string) => `language-chosen:${telegramId}`

/** Remembers what a person chose; Telegram's word does not change it. */
export const chooseLanguage = (memory: Memory, telegramId: string, language: string): Promise<void> =>
  memory.set(chosenKey(telegramId), language, LANGUAGE_SECONDS)

export const chosenLanguage = (memory: Memory, telegramId: string): Promise<string | undefined> =>
  memory.get(chosenKey(telegramId))
