import { ApiError } from '@common-purse/client'
import { StartTelegramBinding } from '@common-purse/contracts'
import { Composer, type Context, TelegramError } from 'telegraf'
import type { Api } from '../api.ts'
import { botLink, isPrivate, senderOf, textsOf, withKeyboard } from '../chat.ts'
import { plainLine, shown } from '../plain-text.ts'
import type { BotSession, SessionStore } from '../session-store.ts'

interface Deps {
  api: Api
  sessions: SessionStore
}

/** /start: greets who is linked, and gives anybody else the link to become it. */
export function startFeature({ api, sessions }: Deps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.start(async (ctx) => {
    const texts = textsOf(ctx)
    if (!isPrivate(ctx)) return void (await ctx.reply(texts.start.privately(botLink(ctx))))
    const session = await findSession(sessions, senderOf(ctx))
    if (session)
      return void (await ctx.reply(texts.start.hello(shown(session.displayName), shown(session.family.name))))
    const { link, expires_in } = await api.own('startTelegramBinding', { body: identityOf(ctx) })
    await sendLink(ctx, link, expires_in)
  })
  return feature
}

/** The session of somebody who is linked: the bot asks, because a link may have been cut or made elsewhere. */
async function findSession(sessions: SessionStore, telegramId: string): Promise<BotSession | undefined> {
  try {
    return await sessions.open(telegramId)
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'telegram_not_linked') return undefined
    throw error
  }
}

/** What the page that confirms shows of this person; a name that is odd is left out rather than refused. */
function identityOf(ctx: Context) {
  const { username, first_name, language_code } = ctx.from!
  const language = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(language_code ?? '') ? language_code : undefined
  const firstName = plainName(first_name)
  return {
    telegram_id: senderOf(ctx),
    chat_id: String(ctx.chat!.id),
    ...(username === undefined ? {} : { username }),
    ...(firstName === '' ? {} : { first_name: firstName }),
    ...(language === undefined ? {} : { language }),
  }
}

function plainName(name = ''): string {
  const text = plainLine(plainLine(name).slice(0, 128))
  return StartTelegramBinding.shape.first_name.safeParse(text).success ? text : ''
}

async function sendLink(ctx: Context, link: string, seconds: number): Promise<void> {
  const texts = textsOf(ctx)
  const text = `${texts.start.link(seconds)}\n\n${link}`
  try {
    await ctx.reply(text, withKeyboard([[{ text: texts.start.linkButton, url: link }]]))
  } catch (error) {
    // Telegram refuses buttons to addresses that only this machine knows; the text holds the link too.
    if (!(error instanceof TelegramError) || error.code !== 400) throw error
    await ctx.reply(text)
  }
}
