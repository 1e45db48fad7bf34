import { type Context, TelegramError } from 'telegraf'
import type { InlineKeyboardButton } from 'telegraf/types'
import { chosenLanguage, type Memory } from './memory.ts'
import { splitText } from './split-text.ts'
import { type Texts, textsFor } from './texts/index.ts'

export type Keyboard = InlineKeyboardButton[][]

/** Telegram's number of whoever wrote or tapped; updates without one are not listened to. */
export const senderOf = (ctx: Context): string => String(ctx.from!.id)

/** In the language that the person chose, or else in that of their Telegram. */
export const textsOf = (ctx: Context): Texts => textsFor(languageIn(ctx) ?? ctx.from?.language_code)

const languageIn = (ctx: Context) => (ctx.state as { language?: string }).language

/** Looks up the language that the sender chose; without its memory the bot takes Telegram's. */
export async function learnLanguage(ctx: Context, memory: Memory): Promise<void> {
  const language = await chosenLanguage(memory, senderOf(ctx)).catch(() => undefined)
  if (language !== undefined) Object.assign(ctx.state, { language })
}

export const isPrivate = (ctx: Context): boolean => ctx.chat?.type === 'private'

/** In the chat that the sender alone has with the bot, where everything is that is theirs alone to read. */
export const isOwnChat = (ctx: Context): boolean => isPrivate(ctx) && ctx.chat?.id === ctx.from?.id

export const botLink = (ctx: Context): string => `https://t.me/${ctx.botInfo.username}`

export const withKeyboard = (keyboard: Keyboard) => ({ reply_markup: { inline_keyboard: keyboard } })

/** Answers in the chat it was asked in, in several messages when it is long; the buttons are at the last. */
export async function say(ctx: Context, text: string, keyboard: Keyboard = []): Promise<Place> {
  return await sendTo(ctx, ctx.chat!.id, text, keyboard)
}

async function sendTo(ctx: Context, chatId: number, text: string, keyboard: Keyboard): Promise<Place> {
  const parts = splitText(text)
  let messageId: number | undefined
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1
    const extra = isLast && keyboard.length > 0 ? withKeyboard(keyboard) : {}
    messageId = (await ctx.telegram.sendMessage(chatId, part, extra)).message_id
  }
  return { chatId: String(chatId), messageId }
}

/**
 * Answers where only the sender reads it; in a group it says where the answer went. The place of the answer, or undefined
 * when the bot may not write to them.
 */
export async function replyPrivately(
  ctx: Context,
  text: string,
  keyboard: Keyboard = [],
): Promise<Place | undefined> {
  if (isPrivate(ctx)) return await say(ctx, text, keyboard)
  const { common } = textsOf(ctx)
  try {
    const place = await sendTo(ctx, ctx.from!.id, text, keyboard)
    await ctx.reply(common.sentPrivately)
    return place
  } catch (error) {
    // Telegram lets no bot write first.
    if (!(error instanceof TelegramError) || ![400, 403].includes(error.code)) throw error
    await ctx.reply(common.writeFirst(botLink(ctx)))
    return undefined
  }
}

/** Ends the waiting circle on a tapped button; a tap that is too old for that has no circle any more. */
export async function answerTap(ctx: Context, alert?: string): Promise<void> {
  if (!ctx.callbackQuery) return
  await ctx.answerCbQuery(alert, alert === undefined ? {} : { show_alert: true }).catch(() => undefined)
}

/** Where a message of the bot stands. */
export interface Place {
  chatId: string
  messageId: number | undefined
}

/** Changes a message of the bot and its buttons; says it anew where the message cannot be changed any more. */
export async function rewrite(
  ctx: Pick<Context, 'telegram'>,
  place: Place,
  text: string,
  keyboard: Keyboard = [],
): Promise<void> {
  const extra = withKeyboard(keyboard)
  if (place.messageId === undefined) return void (await ctx.telegram.sendMessage(place.chatId, text, extra))
  try {
    await ctx.telegram.editMessageText(place.chatId, place.messageId, undefined, text, extra)
  } catch (error) {
    if (!(error instanceof TelegramError) || error.code !== 400) throw error
    if (!error.description.includes('not modified')) await ctx.telegram.sendMessage(place.chatId, text, extra)
  }
}
