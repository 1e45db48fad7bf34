import type { Result } from 'ioredis'

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

/** What is done in Redis in one step each. */
export const redisScripts = {
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
