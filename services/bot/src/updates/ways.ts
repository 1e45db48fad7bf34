import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '@common-purse/kit/listen'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import type { Telegraf } from 'telegraf'
import type { Update } from 'telegraf/types'
import type { Memory } from '../memory.ts'
import { safeError } from '../safe-error.ts'
import { allowedUpdates } from './allowed-updates.ts'
import { holdLease } from './hold-lease.ts'
import { type Polling, startPolling } from './poll-updates.ts'
import { createWebhookApp } from './receive-webhook.ts'
import type { Outcome } from './take-turns.ts'

/** How updates come to the bot. */
export interface Way {
  take(update: Update): Promise<Outcome>
  /** Tells Telegram; called when it knows the bot, again when that failed. */
  begin(): Promise<void>
  isConnected(): boolean
  /** Where Telegram brings them; undefined where they are asked for. */
  url: string | undefined
  stop(): Promise<void>
}

interface Common {
  bot: Telegraf
  memory: Memory
  metrics: RequestMetrics
  logger: Logger
}

type Opened = Omit<Way, 'take'>

/** Long polling, by one of the replicas at a time. */
export function openPolling({ bot, memory, metrics, logger, take }: Common & Pick<Way, 'take'>): Opened {
  const lease = holdLease(memory, 'polling')
  let polling: Polling | undefined
  metrics.gauge('bot_polling', '1 on the replica that asks Telegram for updates', () =>
    lease.signal() === undefined ? 0 : 1,
  )
  metrics.gauge('bot_telegram_silent_seconds', 'Since Telegram last answered this replica', () =>
    polling ? polling.silentSeconds() : Number.NaN,
  )
  const handle = async (update: Update) => void (await take(update))
  return {
    url: undefined,
    begin: async () => {
      await bot.telegram.deleteWebhook()
      polling = startPolling({ telegram: bot.telegram, lease, handle, logger })
    },
    isConnected: () => polling?.isConnected() ?? false,
    stop: async () => {
      await polling?.stop()
      await lease.stop()
    },
  }
}

export interface WebhookSettings {
  /** Where Telegram brings updates, as the world sees it. */
  url: string
  secret: string
  host: string
  port: number
}

type TakeWhenReady = (update: Update) => Promise<Outcome> | undefined

const WATCH_MS = 60_000

/** A server for Telegram to bring updates to; any replica takes any of them. */
export async function openWebhook(
  deps: Common & { webhook: WebhookSettings; take: TakeWhenReady },
): Promise<Opened> {
  const { bot, metrics, logger, webhook } = deps
  const countRefusal = metrics.counter('bot_webhook_refused_total', 'Refused requests to the webhook', 'code')
  const { pathname, search } = new URL(webhook.url)
  const app = createWebhookApp({ ...deps, path: pathname + search, secret: webhook.secret, countRefusal })
  const server = await listen(app, { port: webhook.port, host: webhook.host })
  const watch = watchWebhook(deps)
  const setWebhook = () =>
    bot.telegram.setWebhook(webhook.url, {
      secret_token: webhook.secret,
      allowed_updates: allowedUpdates,
      drop_pending_updates: false,
    })
  let isSet = false
  return {
    url: server.url + pathname + search,
    begin: async () => {
      await setWebhook()
      isSet = true
      logger.info({ url: webhook.url }, 'Telegram brings updates')
      void watch.begin(setWebhook)
    },
    isConnected: () => isSet,
    stop: async () => {
      await watch.stop()
      await server.close()
    },
  }
}

/** Looks every minute whether Telegram still brings updates here, and what waits at its side. */
function watchWebhook({ bot, metrics, logger, webhook }: Common & { webhook: WebhookSettings }) {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let waiting = Number.NaN
  let told: number | undefined
  metrics.gauge('bot_telegram_waiting_updates', 'Updates that Telegram could not bring yet', () => waiting)
  const look = async (setWebhook: () => Promise<unknown>) => {
    const info = await bot.telegram.getWebhookInfo()
    waiting = info.pending_update_count
    if (info.last_error_date !== undefined && info.last_error_date !== told)
      logger.warn({ reason: info.last_error_message }, 'Telegram could not bring an update')
    told = info.last_error_date
    if (info.url === webhook.url) return
    logger.error('Somebody else has taken the webhook of this bot; it is set again')
    await setWebhook()
  }
  const run = async (setWebhook: () => Promise<unknown>) => {
    while (!stopping.signal.aborted) {
      await look(setWebhook).catch((error: unknown) =>
        logger.warn({ err: safeError(error) }, 'Telegram does not say how the webhook is doing'),
      )
      await sleep(WATCH_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  return {
    begin: (setWebhook: () => Promise<unknown>) => (running ??= run(setWebhook)),
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
