import type { Logger } from '@common-purse/kit/logger'
import { type Context, Telegraf } from 'telegraf'
import type { Update } from 'telegraf/types'
import type { BotDeps } from './bot-deps.ts'
import { answerTap, learnLanguage, textsOf } from './chat.ts'
import { explainError } from './explain-error.ts'
import { addFeature } from './features/add.ts'
import { approvalsFeature } from './features/approvals.ts'
import { balanceFeature } from './features/balance.ts'
import { familyFeature } from './features/family.ts'
import { helpFeature } from './features/help.ts'
import { languageFeature } from './features/language.ts'
import { listFeature } from './features/list.ts'
import { othersWordsFeature } from './features/others-words.ts'
import { pendingFeature } from './features/pending.ts'
import { reportFeature } from './features/report.ts'
import { signInsFeature } from './features/sign-ins.ts'
import { startFeature } from './features/start.ts'
import { undoFeature } from './features/undo.ts'
import { unhandledFeature } from './features/unhandled.ts'
import { unlinkFeature } from './features/unlink.ts'
import { verifyFeature } from './features/verify.ts'
import { dropQuestion } from './prompts.ts'
import { safeError } from './safe-error.ts'
import type { Calm } from './telegram/calm-calls.ts'
import { showTyping } from './telegram/show-typing.ts'

interface Settings {
  TELEGRAM_BOT_TOKEN: string
  TELEGRAM_API_ROOT: string
}

interface Means {
  logger: Logger
  /** Makes calls of Telegram patient; each update has a client of its own. */
  calm: Calm
}

/** The bot: its features in the order in which they are asked, and never silence. */
export function createBot(settings: Settings, deps: BotDeps, { logger, calm }: Means): Telegraf {
  const bot = new Telegraf(settings.TELEGRAM_BOT_TOKEN, { telegram: { apiRoot: settings.TELEGRAM_API_ROOT } })
  calm(bot.telegram)
  bot.use(async (ctx, next) => {
    calm(ctx.telegram)
    // Telegram puts a bot's name on what an anonymous admin or a channel writes.
    if (!ctx.from || (ctx.from.is_bot && ctx.senderChat === undefined)) return
    await learnLanguage(ctx, deps.memory)
    await next()
  })
  bot.use(showTyping)
  bot.use(othersWordsFeature(), dropQuestion(deps.prompts))
  bot.use(startFeature(deps), helpFeature(), balanceFeature(deps), listFeature(deps), reportFeature(deps))
  bot.use(
    pendingFeature(deps),
    familyFeature(deps),
    verifyFeature(deps),
    languageFeature(deps),
    unlinkFeature(deps),
  )
  // Before /add: what somebody writes may be the answer to a question.
  bot.use(
    approvalsFeature(deps),
    signInsFeature(deps),
    undoFeature(deps),
    addFeature(deps),
    unhandledFeature(),
  )
  bot.catch((error, ctx) => sayTrouble(error, ctx, logger))
  return bot
}

/** Answers with what went wrong, in words and with the request id. */
async function sayTrouble(error: unknown, ctx: Context, logger: Logger): Promise<void> {
  const log = logger.child({ update_id: ctx.update.update_id })
  log.warn({ err: safeError(error) }, 'An update ended in trouble')
  await answerTap(ctx)
  if (!ctx.chat) return
  await ctx
    .reply(explainError(error, textsOf(ctx)))
    .catch((failure: unknown) => log.warn({ err: safeError(failure) }, 'The trouble could not be told'))
}

/** Telegram marks a command in a text as one; a server that does not is helped out. */
export function withCommandMark(update: Update): Update {
  if (!('message' in update) || !('text' in update.message) || update.message.entities) return update
  const [command] = /^\/[a-z_]+(@\w+)?(?=\s|$)/i.exec(update.message.text) ?? []
  if (command === undefined) return update
  const entities = [{ type: 'bot_command' as const, offset: 0, length: command.length }]
  return { ...update, message: { ...update.message, entities } }
}
