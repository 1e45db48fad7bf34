import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { traceWork } from '@common-purse/kit/spans'
import { type Telegraf, TelegramError } from 'telegraf'
import type { Update } from 'telegraf/types'
import { withCommandMark } from '../create-bot.ts'
import type { Memory } from '../memory.ts'
import { safeError } from '../safe-error.ts'
import { openPolling, openWebhook, type Way, type WebhookSettings } from './ways.ts'
import { type Outcome, takeTurns } from './take-turns.ts'

interface Deps {
  bot: Telegraf
  memory: Memory
  metrics: RequestMetrics
  logger: Logger
  /** Set where Telegram brings updates; without it they are asked for. */
  webhook: WebhookSettings | undefined
  /** Called once Telegram knows the bot. */
  onIntroduced(): void
}

export interface TelegramLink {
  check(): Promise<void>
  /** Where Telegram brings updates to; undefined where they are asked for. */
  webhookUrl: string | undefined
  stop(): Promise<void>
}

const RETRY_MS = 1_000
const REFUSED_MS = 30_000
/** As long waits an update for those of its chat before it; Telegram brings one again that was not answered in time. */
const WEBHOOK_PATIENCE_MS = 20_000
const POLLING_PATIENCE_MS = 120_000

/** Introduces the bot to Telegram, for as long as that takes, and handles what people send it from then on. */
export async function openTelegram(deps: Deps): Promise<TelegramLink> {
  const { bot, logger } = deps
  const stopping = new AbortController()
  let introduced = false
  const take = createTake(deps)
  const way = await (deps.webhook
    ? openWebhook({
        ...deps,
        webhook: deps.webhook,
        take: (update) => (introduced ? take(update) : undefined),
      })
    : openPolling({ ...deps, take }))

  const introduce = async () => {
    for (let told = ''; !stopping.signal.aborted;) {
      try {
        bot.botInfo = await bot.telegram.getMe()
        introduced = true
        await way.begin()
        return deps.onIntroduced()
      } catch (error) {
        told = tellOnce(logger, error, told)
        const pause = isRefusal(error) ? REFUSED_MS : RETRY_MS
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const done = introduce()
  return {
    webhookUrl: way.url,
    check: () =>
      introduced && way.isConnected()
        ? Promise.resolve()
        : Promise.reject(new Error('Telegram does not answer')),
    stop: async () => {
      stopping.abort()
      await done
      await way.stop()
    },
  }
}

/** Handles each update once, in its chat's turn, and counts what came of it. */
function createTake({ bot, memory, metrics, logger, webhook }: Deps): Way['take'] {
  const takeTurn = takeTurns(memory)
  const patienceMs = webhook ? WEBHOOK_PATIENCE_MS : POLLING_PATIENCE_MS
  const count = metrics.counter('bot_updates_total', 'Updates of Telegram by what became of them', 'outcome')
  const take = async (update: Update): Promise<Outcome> => {
    try {
      const outcome = await takeTurn(
        withCommandMark(update),
        (marked) => bot.handleUpdate(marked),
        patienceMs,
      )
      count(outcome)
      return outcome
    } catch (error) {
      count('failed')
      logger.error({ err: safeError(error), update_id: update.update_id }, 'An update could not be handled')
      return 'busy'
    }
  }
  return (update) => traceWork(`telegram ${kindOf(update)}`, () => take(update))
}

const kindOf = (update: Update) => ('message' in update ? 'message' : 'tap')

const isRefusal = (error: unknown) => error instanceof TelegramError && [401, 404].includes(error.code)

function tellOnce(logger: Logger, error: unknown, told: string): string {
  const err = safeError(error)
  const text = JSON.stringify([err['name'], err['status'], err['reason']])
  if (text === told) return told
  if (isRefusal(error)) logger.error({ err }, 'Telegram refuses the token of the bot')
  else logger.warn({ err }, 'Telegram cannot be reached yet')
  return text
}
