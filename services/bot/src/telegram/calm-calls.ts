import { setTimeout as sleep } from 'node:timers/promises'
import type { Rate } from '@common-purse/kit/config'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { type Telegram, TelegramError } from 'telegraf'
import { createPace } from './pace.ts'

interface Settings {
  TELEGRAM_RATE_CHAT: Rate
  TELEGRAM_RATE_ALL: Rate
}

type Call = (method: string, payload: Record<string, unknown>, extra?: unknown) => Promise<unknown>

/** Makes the calls of a client of Telegram patient. */
export type Calm = (telegram: Telegram) => void

/** Repeating these says the same thing twice at worst, where not repeating them says nothing. */
const repeated = new Set(['sendMessage', 'editMessageText', 'editMessageReplyMarkup', 'deleteMessage'])
const ATTEMPTS_MAX = 4
const PAUSE_MS = 500
/** A person, or a reader of the bus, is not kept waiting longer than this for Telegram. */
const ALTOGETHER_MS = 20_000
const ONE_CALL_MS = 10_000

/**
 * Makes the calls of a telegraf client patient: messages keep to Telegram's limits, what failed in passing is sent again,
 * and nothing hangs. Throws the last error when it lasts.
 */
export function createCalm(settings: Settings, metrics: RequestMetrics): Calm {
  const countRepeat = metrics.counter('bot_telegram_repeats_total', 'Calls to Telegram made again', 'reason')
  const countFailure = metrics.counter(
    'bot_telegram_failures_total',
    'Messages that Telegram did not take, each try, by its status',
    'reason',
    ['429', 'no_answer'],
  )
  const paceOf = createPace(settings.TELEGRAM_RATE_CHAT)
  const paceOfAll = createPace(settings.TELEGRAM_RATE_ALL)

  const sendPatiently = async (call: Call, method: string, payload: Record<string, unknown>) => {
    const end = performance.now() + ALTOGETHER_MS
    for (let attempt = 1; ; attempt++) {
      await sleep(Math.max(paceOfAll('all'), paceOf(String(payload['chat_id']))))
      try {
        return await call(method, payload, { signal: AbortSignal.timeout(ONE_CALL_MS) })
      } catch (error) {
        countFailure(reasonOf(error))
        const pause = pauseBeforeRepeat(error, attempt)
        if (pause === undefined || attempt >= ATTEMPTS_MAX || performance.now() + pause > end) throw error
        countRepeat(reasonOf(error))
        await sleep(pause)
      }
    }
  }

  return (telegram) => {
    const original = telegram.callApi.bind(telegram) as unknown as Call
    const calm: Call = (method, payload, extra) => {
      if (repeated.has(method)) return sendPatiently(original, method, payload)
      return original(method, payload, extra ?? { signal: AbortSignal.timeout(ONE_CALL_MS) })
    }
    Object.assign(telegram, { callApi: calm })
  }
}

const reasonOf = (error: unknown) => (error instanceof TelegramError ? String(error.code) : 'no_answer')

/** Milliseconds, or undefined where Telegram has understood and refused. */
function pauseBeforeRepeat(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof TelegramError)) return PAUSE_MS * 2 ** (attempt - 1)
  if (error.code === 429) return (error.parameters?.retry_after ?? 1) * 1000
  return error.code >= 500 ? PAUSE_MS * 2 ** (attempt - 1) : undefined
}
