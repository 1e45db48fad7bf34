import { type Context, TelegramError } from 'telegraf'
import type { InlineKeyboardButton } from 'telegraf/types'
import { type Texts, textsFor } from './texts/index.ts'

export type Keyboard = InlineKeyboardButton[][]

/** Telegram's number of whoever wrote or tapped; updates without one are not listened to. */
export const senderOf = (ctx: Context): string => String(ctx.from!.id)

export const textsOf = (ctx: Context): Texts => textsFor(ctx.from?.language_code)

export const isPrivate = (ctx: Context): boolean => ctx.chat?.type === 'private'

export const botLink = (ctx: Context): string => `https://t.me/${ctx.botInfo.username}`

export const withKeyboard = (keyboard: Keyboard) => ({ reply_markup: { inline_keyboard: keyboard } })

/** Answers where only the sender reads it; in a group it says where the answer went. */
export async function replyPrivately(ctx: Context, text: string): Promise<void> {
  if (isPrivate(ctx)) return void (await ctx.reply(text))
  const texts = textsOf(ctx)
  try {
    await ctx.telegram.sendMessage(ctx.from!.id, text)
  } catch (error) {
    // Telegram lets no bot write first.
    if (!(error instanceof TelegramError) || ![400, 403].includes(error.code)) throw error
    return void (await ctx.reply(texts.common.writeFirst(botLink(ctx))))
  }
  await ctx.reply(texts.common.sentPrivately)
}

/** Ends the waiting circle on a tapped button; a tap that is too old for that has no circle any more. */
export async function answerTap(ctx: Context, alert?: string): Promise<void> {
  if (!ctx.callbackQuery) return
  await ctx.answerCbQuery(alert, alert === undefined ? {} : { show_alert: true }).catch(() => undefined)
}

interface Place {
  chatId: string
  messageId: number | undefined
}

/** Changes a message of the bot and its buttons; says it anew where the message cannot be changed any more. */
export async function rewrite(
  ctx: Context,
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
