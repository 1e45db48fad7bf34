import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@common-purse/kit/logger'
import { type Telegram, TelegramError } from 'telegraf'
import type { BotDeps } from './bot-deps.ts'
import { rewrite } from './chat.ts'
import { placeOf } from './confirm-entry.ts'
import type { Draft } from './draft-store.ts'
import { languageOf } from './memory.ts'
import { safeError } from './safe-error.ts'
import { settleEntry } from './settle-entry.ts'
import { textsFor } from './texts/index.ts'
import { withLock } from './with-lock.ts'

interface Deps extends Pick<BotDeps, 'api' | 'sessions' | 'drafts' | 'memory'> {
  telegram: Telegram
  logger: Logger
}

const LOOK_MS = 3_000
const AGAIN_MS = 10_000
/** Later the person would not expect it any more; the button on the card is good for longer. */
const GIVE_UP_MS = 10 * 60_000

/** Finds out what came of confirmed entries whose person has not been told, and tells them. */
export function startSettling(deps: Deps) {
  const stopping = new AbortController()
  const look = async () => {
    for (const id of await deps.drafts.untold(Date.now())) {
      if (stopping.signal.aborted) return
      await withLock(deps.memory, `settle:${id}`, () => settle(deps, id)).catch((error: unknown) =>
        deps.logger.warn({ err: safeError(error) }, 'The outcome of an entry could not be told yet'),
      )
    }
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined) // without its memory the bot has nothing to look at
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function settle(deps: Deps, id: string): Promise<void> {
  const { drafts, memory, telegram } = deps
  const draft = await drafts.find(id)
  if (!draft || isTooOld(draft)) return await drafts.told(id)
  await drafts.postpone(id, Date.now() + AGAIN_MS) // whatever happens now, others and this one look later
  const texts = textsFor(await languageOf(memory, draft.telegramId))
  const settled = await settleEntry(deps, draft, texts)
  if ('trouble' in settled) return
  await rewrite({ telegram }, placeOf(draft), settled.outcome).catch((error: unknown) => {
    // Who has blocked the bot is not told.
    if (!(error instanceof TelegramError) || ![400, 403].includes(error.code)) throw error
  })
  await drafts.told(id)
}

const isTooOld = ({ sentAt, outcome }: Draft): boolean =>
  outcome === undefined && Date.now() - (sentAt ?? 0) > GIVE_UP_MS
