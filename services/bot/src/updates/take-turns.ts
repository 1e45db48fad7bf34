import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Update } from 'telegraf/types'
import { type Memory, MemoryAwayError } from '../memory.ts'

/** `busy`: another update of the chat took longer than one would wait; this one has to be delivered again. */
export type Outcome = 'handled' | 'repeated' | 'busy'

/** Handles an update when it is its turn in its chat, and only once, whichever replicas it is delivered to. */
export type TakeTurn = (
  update: Update,
  handle: (update: Update) => Promise<void>,
  patienceMs: number,
) => Promise<Outcome>

/** A process that says nothing for so long is gone: others take over what it was at. */
const HELD_MS = 6_000
const LOOK_MS = 100
const WAITING_MS = 5_000
const DONE_SECONDS = 86_400
const RECENT_MAX = 2_000

/** Who waits says so at each look; the smallest number goes first, so a chat's updates keep their order. */
const TAKE = `if redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('HDEL', KEYS[2], ARGV[2])
  return 'done'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[2], ARGV[2], now)
redis.call('PEXPIRE', KEYS[2], ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 1 then return 'wait' end
local waiting = redis.call('HGETALL', KEYS[2])
for i = 1, #waiting, 2 do
  if now - waiting[i + 1] > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[2], waiting[i])
  elseif tonumber(waiting[i]) < tonumber(ARGV[2]) then return 'wait' end
end
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 'go'`
const HOLD = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end`
const LEAVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
if ARGV[2] ~= '0' then redis.call('SET', KEYS[2], '1', 'EX', ARGV[2]) end`

/**
 * One that a process began and did not finish is taken over by whoever it is delivered to next, some seconds later.
 * Without the memory each process handles what it gets, once and in order: nothing can be spent without the memory either.
 */
export function takeTurns(memory: Memory): TakeTurn {
  const me = randomUUID()
  const running = new Map<string, Promise<Outcome>>()
  const lastOf = new Map<string, Promise<unknown>>()
  const recent = new Set<string>()

  const remember = (done: string) => {
    recent.add(done)
    if (recent.size > RECENT_MAX) recent.delete(recent.values().next().value!)
  }

  const handleInTurn = async (update: Update, handle: Parameters<TakeTurn>[1], patienceMs: number) => {
    const place = placeOf(update)
    const token = `${me}:${update.update_id}`
    const turn = await waitForTurn(memory, place, { token, number: update.update_id, patienceMs })
    if (turn === 'busy') return 'busy'
    if (turn === 'done' || recent.has(place.done)) return await leave(memory, place, token, 'repeated')
    const holding = setInterval(() => {
      memory.evaluate(HOLD, [place.holder], [token, HELD_MS]).catch(() => undefined)
    }, HELD_MS / 3)
    try {
      await handle(update)
    } catch (error) {
      await leave(memory, place, token, 'busy')
      throw error
    } finally {
      clearInterval(holding)
    }
    remember(place.done)
    return await leave(memory, place, token, 'handled')
  }

  return (update, handle, patienceMs) => {
    const { chat, done } = placeOf(update)
    const same = running.get(done)
    if (same) return same.then((outcome) => (outcome === 'handled' ? 'repeated' : outcome))
    const before = lastOf.get(chat) ?? Promise.resolve()
    const outcome = before.then(() => handleInTurn(update, handle, patienceMs))
    const over = outcome
      .catch(() => undefined)
      .then(() => {
        running.delete(done)
        if (lastOf.get(chat) === over) lastOf.delete(chat)
      })
    running.set(done, outcome)
    lastOf.set(chat, over)
    return outcome
  }
}

interface Place {
  chat: string
  holder: string
  waiting: string
  done: string
}

interface Waiting {
  token: string
  number: number
  patienceMs: number
}

async function waitForTurn(
  memory: Memory,
  place: Place,
  { token, number, patienceMs }: Waiting,
): Promise<'go' | 'done' | 'busy'> {
  const end = performance.now() + patienceMs // a clock that is set must lose no update
  const keys = [place.holder, place.waiting, place.done]
  for (;;) {
    const turn = await memory.evaluate(TAKE, keys, [token, number, HELD_MS, WAITING_MS]).catch(ignoreAway)
    if (turn === undefined) return 'go'
    if (turn !== 'wait') return turn as 'go' | 'done'
    if (performance.now() > end) return 'busy'
    await sleep(LOOK_MS)
  }
}

async function leave(memory: Memory, place: Place, token: string, outcome: Outcome): Promise<Outcome> {
  const seconds = outcome === 'busy' ? 0 : DONE_SECONDS
  await memory.evaluate(LEAVE, [place.holder, place.done], [token, seconds]).catch(ignoreAway)
  return outcome
}

/** The tag in braces keeps a chat's keys on one node of a cluster. */
function placeOf(update: Update): Place {
  const { chat, content } = whatIsIn(update)
  const tag = `turn:{${chat}}`
  // A server that begins to count anew must not make its first updates look old.
  const mark = createHash('sha256').update(content).digest('base64url').slice(0, 16)
  const done = `${tag}:done:${update.update_id}:${mark}`
  return { chat, holder: `${tag}:holder`, waiting: `${tag}:waiting`, done }
}

function whatIsIn(update: Update): { chat: string; content: string } {
  if ('message' in update) {
    const { chat, message_id: id } = update.message
    const text = 'text' in update.message && update.message.text
    return { chat: String(chat?.id), content: JSON.stringify([id, text]) }
  }
  return 'callback_query' in update ? whatIsTapped(update.callback_query) : { chat: 'none', content: '' }
}

function whatIsTapped(query: Update.CallbackQueryUpdate['callback_query']) {
  const { id, from, message } = query
  const data = 'data' in query && query.data
  return { chat: String(message?.chat?.id ?? from.id), content: JSON.stringify([id, data]) }
}

function ignoreAway(error: unknown): undefined {
  if (!(error instanceof MemoryAwayError)) throw error
  return undefined
}
