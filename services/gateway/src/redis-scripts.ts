import type { Result } from 'ioredis'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Answers the hits and the milliseconds left of each counter in turn, and last the verdict on the nonce, if there was one. */
    admit(
      numberOfKeys: number,
      ...keysAndArguments: (string | number)[]
    ): Result<(number | string)[], Context>
    markArrival(markerKey: string, runId: string): Result<number, Context>
  }
}

/** What is done in Redis in one step each. */
export const redisScripts = {
  // KEYS: the counters, then, for a signed request, its nonce and the marker that vouches for it. ARGV: how many counters,
  // the limit and the milliseconds of each; for a nonce the seconds until which it is kept, those since which its signature
  // can exist, and the run id.
  //
  // The first counter, the address, counts whatever comes. A replay, or a counter above its limit, counts nowhere after it:
  // what comes later is only looked at. A nonce is forgotten again when a limit refuses the request.
  //
  // The marker says since when this Redis remembers nonces. Without it, or with one of a clock that was set back, everything
  // before now is forgotten, so it begins now.
  // A signature that cannot have existed before needs no memory of that time; one of a clock that is ahead may have, and is
  // called early. Where a nonce would not be kept any more, by
  // the clock that forgets them, the gateway's clock is another one, and nobody can tell.
  admit: {
    lua: `local counters = tonumber(ARGV[1])
local answer = {}
local going = true
local remembered = false
local verdict = false
local function remember()
  local nonce, marker, at = KEYS[counters + 1], KEYS[counters + 2], 2 * counters + 2
  local since, now = redis.call('HGET', marker, 'since'), redis.call('TIME')[1]
  if not since or tonumber(since) > tonumber(now) then
    redis.call('HSET', marker, 'since', now, 'run_id', ARGV[at + 2])
    return 'began'
  end
  if tonumber(ARGV[at + 1]) <= tonumber(since) then return 'forgotten' end
  if tonumber(ARGV[at]) <= tonumber(now) then return 'adrift' end
  if not redis.call('SET', nonce, '1', 'NX', 'EXAT', ARGV[at]) then return 'seen' end
  remembered = true
  return tonumber(ARGV[at + 1]) > tonumber(now) and 'early' or 'new'
end
for index = 1, counters do
  local key, limit, window = KEYS[index], tonumber(ARGV[2 * index]), ARGV[2 * index + 1]
  local hits = going and redis.call('INCR', key) or tonumber(redis.call('GET', key) or 0)
  local left = redis.call('PTTL', key)
  if left < 0 then
    if hits > 0 then redis.call('PEXPIRE', key, window) end
    left = tonumber(window)
  end
  answer[2 * index - 1] = hits
  answer[2 * index] = left
  if hits > limit then going = false end
  if index == 1 and going and #KEYS > counters then
    verdict = remember()
    going = remembered
  end
end
if remembered and not going then
  redis.call('DEL', KEYS[counters + 1])
  verdict = false
end
if verdict then answer[#answer + 1] = verdict end
return answer`,
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
