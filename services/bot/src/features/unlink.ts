import { ApiError } from '@common-purse/client'
import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { createCards } from '../cards.ts'
import { answerTap, isOwnChat, type Place, replyPrivately, rewrite, senderOf, textsOf } from '../chat.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions' | 'memory' | 'cardSeconds'>

const tapShape = /^unlink:(ok|no):([\w-]{16})$/

/** /unlink: asks, and then cuts the link between the Telegram account and the purse's. */
export function unlinkFeature(deps: Deps): Composer<Context> {
  const cards = createCards<{ telegramId: string }>(deps.memory, 'unlink', deps.cardSeconds)
  const feature = new Composer<Context>()
  feature.command('unlink', async (ctx) => {
    const telegramId = senderOf(ctx)
    await deps.sessions.open(telegramId) // says so, when there is no link
    const { settings } = textsOf(ctx)
    const { id } = await cards.create({ telegramId })
    await replyPrivately(ctx, settings.unlink, [
      [
        { text: settings.unlinkButton, callback_data: `unlink:ok:${id}` },
        { text: settings.keepLink, callback_data: `unlink:no:${id}` },
      ],
    ])
  })
  feature.action(tapShape, async (ctx) => {
    const texts = textsOf(ctx)
    const [, action, id] = ctx.match
    const card = await cards.find(id!)
    if (card && card.telegramId !== senderOf(ctx)) return await answerTap(ctx, texts.common.notYours)
    if (!isOwnChat(ctx)) return await answerTap(ctx, texts.common.elsewhere)
    const { message_id, chat } = ctx.callbackQuery.message!
    const place: Place = { chatId: String(chat.id), messageId: message_id }
    await answerTap(ctx)
    if (card && action === 'ok') await cut(deps, card.telegramId, id!)
    if (card) await cards.delete(id!)
    const isCut = card !== undefined && action === 'ok'
    await rewrite(ctx, place, isCut ? texts.settings.unlinked : texts.settings.stillLinked)
  })
  return feature
}

async function cut({ api, sessions }: Deps, telegramId: string, id: string): Promise<void> {
  try {
    await sessions.use(telegramId, (session) =>
      api.as(session, 'unlinkTelegram', { idempotencyKey: `telegram-unlink-${id}` }),
    )
  } catch (error) {
    // Cut already, by a double tap or on the web: it is as the person wanted it.
    if (!(error instanceof ApiError) || !['telegram_not_linked', 'not_found'].includes(error.problem.code))
      throw error
  }
  await sessions.forget(telegramId)
}
