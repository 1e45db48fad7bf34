import type { DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { type RunningConsumer, startConsumer } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { type Telegram, TelegramError } from 'telegraf'
import * as z from 'zod'
import { keepLanguage, languageOf, type Memory } from './memory.ts'
import { shown } from './plain-text.ts'
import type { SessionStore } from './session-store.ts'
import { textsFor } from './texts/index.ts'

interface Deps {
  link: BusLink
  sessions: SessionStore
  memory: Memory
  telegram: Telegram
  logger: Logger
  metrics: ConsumerMetrics
}

const Bound = z.object({
  telegram_id: z.string(),
  chat_id: z.string(),
  language: z.string().nullish(),
})

/** Nobody waits for a greeting that is older: the bot was away, or reads the stream for the first time. */
const GREETING_MS_MAX = 10 * 60_000

/** When somebody has linked their Telegram account: fetches their session and tells the chat. */
export function startGreeting(deps: Deps): RunningConsumer {
  return startConsumer({
    link: deps.link,
    stream: 'AUTH_EVENTS',
    durable: 'bot-bound',
    filter: 'auth.telegram.bound.v1',
    parse: parseDomainEvent,
    handle: async (events) => {
      for (const event of events) await greet(deps, event)
    },
    // The trail keeps every event, this one too; for the bot there is nothing more to do with it.
    keepAside: () => Promise.resolve(),
    logger: deps.logger,
    metrics: deps.metrics,
  })
}

async function greet({ sessions, memory, telegram }: Deps, event: DomainEvent): Promise<void> {
  if (Date.now() - Date.parse(event.time) > GREETING_MS_MAX) return
  const bound = Bound.parse(event.data.new_values)
  if (await memory.get(`greeted:${event.id}`)) return
  await sessions.forget(bound.telegram_id) // tokens of an earlier link are somebody else's
  if (bound.language) await keepLanguage(memory, bound.telegram_id, bound.language)
  const { displayName, family } = await sessions.open(bound.telegram_id)
  const texts = textsFor(await languageOf(memory, bound.telegram_id))
  const text = texts.start.linked(shown(displayName), shown(family.name))
  await telegram.sendMessage(bound.chat_id, text).catch((error: unknown) => {
    // Who has blocked the bot meanwhile is linked all the same.
    if (!(error instanceof TelegramError) || error.code !== 403) throw error
  })
  await memory.set(`greeted:${event.id}`, '1', GREETING_MS_MAX / 1000)
}
