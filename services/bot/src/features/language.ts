import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { answerTap, isOwnChat, type Keyboard, replyPrivately, rewrite, senderOf, textsOf } from '../chat.ts'
import { chooseLanguage } from '../memory.ts'
import { commandsIn } from '../menu.ts'
import { languageFor, languages, textsFor } from '../texts/index.ts'

const tapShape = /^lang:([a-z]{2})$/

/** /language: asks which one, remembers it, and changes the menu of this chat too. */
export function languageFeature({ memory }: Pick<BotDeps, 'memory'>): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('language', async (ctx) => {
    await replyPrivately(ctx, textsOf(ctx).settings.whichLanguage, choices())
  })
  feature.action(tapShape, async (ctx) => {
    if (!isOwnChat(ctx)) return await answerTap(ctx, textsOf(ctx).common.elsewhere)
    const language = languageFor(ctx.match[1])
    await chooseLanguage(memory, senderOf(ctx), language)
    await answerTap(ctx)
    const { message_id, chat } = ctx.callbackQuery.message!
    const text = textsFor(language).settings.languageChosen
    await rewrite(ctx, { chatId: String(chat.id), messageId: message_id }, text)
    // A comfort that not every server knows.
    const scope = { type: 'chat' as const, chat_id: ctx.from.id }
    await ctx.telegram.setMyCommands(commandsIn(language), { scope }).catch(() => undefined)
  })
  return feature
}

const choices = (): Keyboard => [
  languages.map((language) => ({
    text: textsFor(language).settings.languageName,
    callback_data: `lang:${language}`,
  })),
]
