import { Composer, type Context } from 'telegraf'
import type { Api } from '../api.ts'
import { answerTap, isOwnChat, rewrite, senderOf, textsOf } from '../chat.ts'
import { signInTapShape } from '../notices/sign-in-card.ts'
import type { SessionStore } from '../session-store.ts'
import { longId } from '../short-id.ts'

interface Deps {
  api: Api
  sessions: SessionStore
}

/** The buttons of the question whether a sign-in was one's own. Signing out ends one's own sign-ins and nobody else's. */
export function signInsFeature({ api, sessions }: Deps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.action(signInTapShape, async (ctx) => {
    const [, action, about] = ctx.match
    const card = ctx.callbackQuery.message
    const texts = textsOf(ctx)
    if (!card || !isOwnChat(ctx)) return await answerTap(ctx, texts.approval.notYourCard)
    await answerTap(ctx)
    const telegramId = senderOf(ctx)
    if (action === 'out')
      await sessions.use(telegramId, (session) =>
        api.as(session, 'logout', {
          body: { scope: 'others' },
          idempotencyKey: `telegram-sign-out-${longId(about!)}-${telegramId}`,
        }),
      )
    const before = 'text' in card ? `${card.text}\n\n` : ''
    const after = action === 'out' ? texts.notice.signedOut : texts.notice.wasYou
    await rewrite(ctx, { chatId: telegramId, messageId: card.message_id }, before + after)
  })
  return feature
}
