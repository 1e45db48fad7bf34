import { setTimeout as sleep } from 'node:timers/promises'
import { openBus } from '@common-purse/kit/bus'
import { createConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics } from '@common-purse/kit/metrics'
import { startOps } from '@common-purse/kit/ops'
import type { Running } from '@common-purse/kit/run-service'
import { createStopStack } from '@common-purse/kit/stop-stack'
import type { Telegraf } from 'telegraf'
import { createApi } from './api.ts'
import type { Config } from './config.ts'
import { createBot, withCommandMark } from './create-bot.ts'
import { createDraftStore } from './draft-store.ts'
import { startGreeting } from './greet-bound.ts'
import { openMemory } from './memory.ts'
import { oncePerUpdate } from './once-per-update.ts'
import { startPolling } from './poll-updates.ts'
import { safeError } from './safe-error.ts'
import { createSessionStore } from './session-store.ts'
import { languages, textsFor } from './texts/index.ts'
import { createTokenBox } from './token-box.ts'
import { startTellingTrail } from './trail/tell-trail.ts'
import { createTrailDiary } from './trail/trail-diary.ts'
import { startWatchingOwners } from './trail/watch-owners.ts'

export interface RunningBot extends Running {
  opsUrl: string
}

/** Starts the bot: it reads what people write, and what happens on the bus, and answers through the gateway alone. */
export async function startBot(config: Config, logger: Logger): Promise<RunningBot> {
  const opened = createStopStack()
  let stopping = false
  try {
    const memory = await openMemory(config.REDIS_URL, config.REDIS_PREFIX, logger)
    opened.push(memory.stop)
    const link = openBus(config, 'bot', logger)
    opened.push(link.stop)
    const api = createApi(config)
    const diary = createTrailDiary(memory, config.TRAIL_MESSAGE_SECONDS)
    const box = createTokenBox(config.BOT_TOKEN_KEYS)
    const sessions = createSessionStore({ api, memory, box, onKept: diary.enrol })
    const bot = createBot(
      config,
      { api, sessions, drafts: createDraftStore(memory, config.DRAFT_SECONDS) },
      logger,
    )
    const telegram = startTelegram(bot, oncePerUpdate(memory), logger)

    const metrics = createMetrics('bot')
    const ops = await startOps({
      port: config.OPS_PORT,
      host: config.HOST,
      metrics,
      isStopping: () => stopping,
      checks: [
        { name: 'redis', critical: false, check: memory.check },
        { name: 'nats', critical: false, check: link.check },
        { name: 'telegram', critical: false, check: telegram.check },
      ],
    })
    opened.push(ops.close)
    const shared = { link, logger, metrics: createConsumerMetrics(metrics) }
    opened.push(startGreeting({ ...shared, sessions, memory, telegram: bot.telegram }).stop)
    opened.push(startWatchingOwners({ ...shared, diary }).stop)
    const telling = { link, memory, diary, telegram: bot.telegram, logger }
    opened.push(startTellingTrail(telling, config.TRAIL_MESSAGE_SECONDS).stop)
    opened.push(telegram.stop)
    return { opsUrl: ops.url, beginStop: () => void (stopping = true), stop: opened.stop }
  } catch (error) {
    await opened.stop() // a half-started service leaves nothing behind
    throw error
  }
}

const INTRODUCTION_RETRY_MS = 1_000

/** Introduces the bot to Telegram, for as long as that takes, and then asks for updates. */
function startTelegram(bot: Telegraf, once: ReturnType<typeof oncePerUpdate>, logger: Logger) {
  const stopping = new AbortController()
  const handle = (update: Parameters<typeof bot.handleUpdate>[0]) =>
    once(withCommandMark(update), (marked) => bot.handleUpdate(marked)).catch((error: unknown) =>
      logger.error({ err: safeError(error), update_id: update.update_id }, 'An update could not be handled'),
    )
  const introduce = async () => {
    for (let told = false; !stopping.signal.aborted; told = true) {
      try {
        bot.botInfo = await bot.telegram.getMe()
        await bot.telegram.deleteWebhook()
        void publishCommands(bot)
        return startPolling({ telegram: bot.telegram, handle, logger })
      } catch (error) {
        if (!told) logger.warn({ err: safeError(error) }, 'Telegram cannot be reached yet')
        await sleep(INTRODUCTION_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
    return undefined
  }
  let running: Awaited<ReturnType<typeof introduce>>
  const introduced = introduce().then((polling) => (running = polling))
  return {
    check: () =>
      running?.isConnected() ? Promise.resolve() : Promise.reject(new Error('Telegram does not answer')),
    stop: async () => {
      stopping.abort()
      await introduced
      await running?.stop()
    },
  }
}

/** The menu of commands in Telegram's own app; a comfort that not every server knows. */
async function publishCommands(bot: Telegraf): Promise<void> {
  const commandsOf = (language: string) =>
    Object.entries(textsFor(language).help.commands).map(([command, description]) => ({
      command,
      description,
    }))
  await bot.telegram.setMyCommands(commandsOf('en')).catch(() => undefined)
  for (const language of languages)
    await bot.telegram.setMyCommands(commandsOf(language), { language_code: language }).catch(() => undefined)
}
