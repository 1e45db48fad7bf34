import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { StoreAwayError } from '@common-purse/kit/poison'
import { type Telegram, TelegramError } from 'telegraf'
import type { Keyboard } from '../chat.ts'
import type { Memory } from '../memory.ts'
import { safeError } from '../safe-error.ts'
import type { Allowance } from './notice-budget.ts'

/** Telegram takes no message now; whatever was to be told waits and is tried again. */
export class TelegramAwayError extends StoreAwayError {
  override name = 'TelegramAwayError'
}

export interface Notice {
  text: string
  keyboard?: Keyboard
  /** Said once in the place of this and further ones when this chat was told too much; without it this one is told anyhow. */
  enough?: string
}

/** Writes to people who did not just write: each notice once, and nobody who cannot be reached stops the others. */
export interface Messenger {
  /** Does the work unless it was done before under this key; throws StoreAwayError while another replica is at it. */
  once(key: string, work: () => Promise<void>): Promise<void>
  /** The number of the new message; undefined when this person has blocked the bot, is not there any more, or was told enough. */
  send(chatId: string, notice: Notice): Promise<number | undefined>
  /** Rewrites a message; one that is gone, or says the same already, is left alone. */
  rewrite(chatId: string, messageId: number, notice: Notice): Promise<void>
}

const outcomes = ['sent', 'held_back', 'no_reader'] as const
type Outcome = (typeof outcomes)[number]

/** Counts the notices of all messengers. */
export const noticeCounter = ({ counter }: RequestMetrics): ((outcome: Outcome) => void) =>
  counter('bot_notices_total', 'Notices to people, by what became of them', 'outcome', outcomes)

interface Deps {
  memory: Memory
  telegram: Telegram
  logger: Logger
  allow(chatId: string): Allowance
  /** Counts what became of a notice. */
  countNotice(outcome: Outcome): void
}

/** Renewed while telling goes on; who died in the middle of it is followed by another try after this. */
const CLAIM_SECONDS = 10
const RENEW_MS = 3_000
const DONE = 'done'
/** Far longer than the bus takes to deliver an event again. */
const DONE_SECONDS = 7 * 86_400
const CALL_MS = 15_000
/** Telegram asks for more than that only of whoever has not listened. */
const PAUSE_MS_MAX = 60_000

export function createMessenger({ memory, telegram, logger, allow, countNotice }: Deps): Messenger {
  const call = async <Result>(work: (limit: object) => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work({ signal: AbortSignal.timeout(CALL_MS) })
    } catch (error) {
      return await takeRefusal(error, logger)
    }
  }
  return {
    once: async (key, work) => {
      const place = `told:${key}`
      const mine = randomUUID()
      const earlier = await memory.setNew(place, mine, CLAIM_SECONDS)
      if (earlier === DONE) return
      if (earlier !== undefined) throw new StoreAwayError('Another replica is telling this')
      const renewal = setInterval(() => {
        memory.set(place, mine, CLAIM_SECONDS).catch(() => undefined) // then the next one may have to tell it again
      }, RENEW_MS)
      try {
        await work()
      } catch (error) {
        clearInterval(renewal)
        await memory.delete(place).catch(() => undefined)
        throw error
      }
      clearInterval(renewal)
      await memory.set(place, DONE, DONE_SECONDS)
    },
    send: async (chatId, notice) => {
      const allowed = notice.enough === undefined ? 'yes' : allow(chatId)
      if (allowed === 'more') {
        countNotice('held_back')
        return undefined
      }
      const said = allowed === 'yes' ? notice : { text: notice.enough! }
      const message = { chat_id: chatId, ...bodyOf(said) }
      const sent = await call((limit) => telegram.callApi('sendMessage', message, limit))
      countNotice(sent ? 'sent' : 'no_reader')
      return allowed === 'yes' ? sent?.message_id : undefined
    },
    rewrite: async (chatId, messageId, notice) => {
      const message = { chat_id: chatId, message_id: messageId, ...bodyOf(notice) }
      await call((limit) => telegram.callApi('editMessageText', message, limit))
    },
  }
}

const bodyOf = ({ text, keyboard = [] }: Notice) => ({ text, reply_markup: { inline_keyboard: keyboard } })

/** A refusal that concerns this chat alone is the end of it; any other is the end of nothing, so it throws. */
async function takeRefusal(error: unknown, logger: Logger): Promise<undefined> {
  const { code, description, parameters } = refusalOf(error)
  if (code === 429) {
    const pause = Math.min((parameters?.retry_after ?? 1) * 1000, PAUSE_MS_MAX)
    await sleep(pause, undefined, { ref: false })
  }
  if (code !== 400 && code !== 403)
    throw new TelegramAwayError('Telegram does not take messages', { cause: error })
  if (!description?.includes('not modified')) logger.info({ err: safeError(error) }, 'A notice has no reader')
  return undefined
}

function refusalOf(error: unknown): Partial<Pick<TelegramError, 'code' | 'description' | 'parameters'>> {
  return error instanceof TelegramError ? error : {}
}
