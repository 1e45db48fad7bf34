import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@common-purse/kit/logger'
import { type Telegram, TelegramError } from 'telegraf'
import type { Update } from 'telegraf/types'

interface Deps {
  telegram: Telegram
  /** Handles one update; must not throw. */
  handle(update: Update): Promise<void>
  logger: Logger
}

const POLL_SECONDS = 50
/** A server that answers "nothing" at once, as the emulator does, is asked about twice a second. */
const QUIET_MS = 500
const RETRY_MS = 1_000
const CONFLICT_MS = 5_000
const REFUSED_MS = 30_000

/** Asks Telegram for updates for as long as the bot runs; those of one chat are handled one after the other. */
export function startPolling({ telegram, handle, logger }: Deps): {
  isConnected(): boolean
  stop(): Promise<void>
} {
  const stopping = new AbortController()
  const { signal } = stopping
  let offset = 0
  let connected = false
  let told = ''

  const ask = async (): Promise<Update[]> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout((POLL_SECONDS + 15) * 1000)])
    const allowed = ['message', 'callback_query'] as const
    return await telegram.callApi(
      'getUpdates',
      { offset, timeout: POLL_SECONDS, allowed_updates: [...allowed] },
      { signal: limit as never }, // telegraf's type is of an older AbortSignal
    )
  }

  const turn = async (): Promise<number> => {
    const startedAt = performance.now()
    const updates = await ask()
    connected = true
    told = ''
    await handleByChat(updates, handle)
    offset = Math.max(offset, ...updates.map(({ update_id }) => update_id + 1))
    return updates.length > 0 ? 0 : QUIET_MS - (performance.now() - startedAt)
  }

  const pauseAfter = (error: unknown): number => {
    connected = false
    const code = error instanceof TelegramError ? error.code : undefined
    const reason = error instanceof TelegramError ? error.description : 'no answer'
    if (told !== reason) logger.warn({ code, reason }, 'Telegram gives no updates; asking again')
    told = reason
    if (code === 429) return ((error as TelegramError).parameters?.retry_after ?? 1) * 1000
    if (code === 409) return CONFLICT_MS // another process of this bot asks at the same time
    return code === 401 || code === 404 ? REFUSED_MS : RETRY_MS
  }

  const run = async () => {
    while (!signal.aborted) {
      const pause = await turn().catch(pauseAfter)
      if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    isConnected: () => connected,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function handleByChat(updates: Update[], handle: (update: Update) => Promise<void>): Promise<void> {
  const chats = Map.groupBy(updates, chatOf)
  await Promise.all(
    [...chats.values()].map(async (list) => {
      for (const update of list) await handle(update)
    }),
  )
}

function chatOf(update: Update): number | undefined {
  if ('message' in update) return update.message.chat.id
  return 'callback_query' in update ? update.callback_query.from.id : undefined
}
