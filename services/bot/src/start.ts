import { openBus } from '@common-purse/kit/bus'
import { createConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics } from '@common-purse/kit/metrics'
import { startOps } from '@common-purse/kit/ops'
import type { Running } from '@common-purse/kit/run-service'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { createApi } from './api.ts'
import { createBotDeps } from './bot-deps.ts'
import type { Config } from './config.ts'
import { createBot } from './create-bot.ts'
import { createFamilySessions } from './family-sessions.ts'
import { startGreeting } from './greet-bound.ts'
import { openMemory } from './memory.ts'
import { createPeople } from './notices/people.ts'
import { noticeCounter } from './notices/messenger.ts'
import { startNotices } from './notices/start-notices.ts'
import { type BotSession, createSessionStore } from './session-store.ts'
import { startSettling } from './settle-entries.ts'
import { createCalm } from './telegram/calm-calls.ts'
import { publishCommands } from './telegram/publish-commands.ts'
import { createTokenBox } from './token-box.ts'
import { startTellingTrail } from './trail/tell-trail.ts'
import { createTrailDiary } from './trail/trail-diary.ts'
import { startWatchingOwners } from './trail/watch-owners.ts'
import { openTelegram } from './updates/open-telegram.ts'
import type { WebhookSettings } from './updates/ways.ts'

export interface RunningBot extends Running {
  opsUrl: string
  /** Where it listens for what Telegram brings; undefined where it asks Telegram. */
  webhookUrl: string | undefined
}

/** Starts the bot: it reads what people write, and what happens on the bus, and answers through the gateway alone. */
export async function startBot(config: Config, logger: Logger): Promise<RunningBot> {
  const opened = createStopStack()
  let stopping = false
  try {
    const memory = await openMemory(config.REDIS_URL, config.REDIS_PREFIX, logger, config.REDIS_TIMEOUT_MS)
    opened.push(memory.stop)
    const link = openBus(config, 'bot', logger)
    opened.push(link.stop)
    const metrics = createMetrics('bot')
    const api = createApi(config)
    const diary = createTrailDiary(memory, config.TRAIL_MESSAGE_SECONDS)
    const box = createTokenBox(config.BOT_TOKEN_KEYS)
    const people = createPeople(memory)
    const onKept = async (telegramId: string, session: BotSession) => {
      await diary.enrol(telegramId, session)
      await people.note(telegramId, session)
    }
    const sessions = createSessionStore({ api, memory, box, onKept })
    const families = createFamilySessions({ sessions, api, memory, box })
    const deps = createBotDeps({ api, sessions, families, memory }, config.DRAFT_SECONDS)
    const bot = createBot(config, deps, { logger, calm: createCalm(config, metrics) })
    const telegram = await openTelegram({
      bot,
      memory,
      metrics,
      logger,
      webhook: webhookOf(config),
      onIntroduced: () => void publishCommands(bot.telegram),
    })
    opened.push(telegram.stop)
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
    const shared = { link, logger, metrics: createConsumerMetrics(metrics), telegram: bot.telegram }
    opened.push(startGreeting({ ...shared, sessions, memory }).stop)
    opened.push(startWatchingOwners({ ...shared, diary }).stop)
    const telling = { noticeRate: config.TELEGRAM_NOTICES_CHAT, countNotice: noticeCounter(metrics) }
    opened.push(startNotices({ ...shared, ...deps, people, ...telling }).stop)
    opened.push(startSettling({ ...shared, ...deps }).stop)
    opened.push(startTellingTrail({ ...shared, memory, diary }, config.TRAIL_MESSAGE_SECONDS).stop)
    return {
      opsUrl: ops.url,
      webhookUrl: telegram.webhookUrl,
      beginStop: () => void (stopping = true),
      stop: opened.stop,
    }
  } catch (error) {
    await opened.stop() // a half-started service leaves nothing behind
    throw error
  }
}

function webhookOf(config: Config): WebhookSettings | undefined {
  const {
    TELEGRAM_WEBHOOK_URL: url,
    TELEGRAM_WEBHOOK_SECRET: secret,
    HOST: host,
    WEBHOOK_PORT: port,
  } = config
  return url === undefined ? undefined : { url, secret: secret!, host, port }
}
