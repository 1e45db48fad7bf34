import { createHash, randomUUID } from 'node:crypto'
import type { Update } from 'telegraf/types'
import { type Memory, MemoryAwayError } from './memory.ts'

const WORKING_SECONDS = 60
const DONE_SECONDS = 86_400
const DONE = 'done'

/** The id and what is in it: a server that begins to count anew must not make its first updates look old. */
const keyOf = (update: Update) =>
  `update:${update.update_id}:${createHash('sha256').update(JSON.stringify(update)).digest('base64url').slice(0, 16)}`

/**
 * Handles each update once, however often Telegram delivers it. One that another process began and did not finish is
 * taken over: that process is gone, or Telegram would not deliver it here. Without the memory it is handled as it comes,
 * because nothing can be spent without the memory either.
 */
export function oncePerUpdate(memory: Memory) {
  const me = randomUUID()
  return async (update: Update, handle: (update: Update) => Promise<void>): Promise<void> => {
    const key = keyOf(update)
    const earlier = await memory.setNew(key, me, WORKING_SECONDS).catch(ignoreAway)
    if (earlier === DONE || earlier === me) return
    await handle(update)
    await memory.set(key, DONE, DONE_SECONDS).catch(ignoreAway)
  }
}

function ignoreAway(error: unknown): undefined {
  if (!(error instanceof MemoryAwayError)) throw error
  return undefined
}
