import { Composer, type Context } from 'telegraf'
import { editedMessage, message } from 'telegraf/filters'
import { isPrivate, textsOf } from '../chat.ts'
import { isCommandForUs } from '../menu.ts'

/** First: what is not a person's own and final word is taken as nothing else. */
export function othersWordsFeature(): Composer<Context> {
  const feature = new Composer<Context>()
  feature.on(message(), async (ctx, next) => {
    // An anonymous admin and a channel have no identity of their own that could own money.
    if (ctx.message.sender_chat !== undefined) {
      const text = 'text' in ctx.message ? ctx.message.text : ''
      if (isCommandForUs(text, ctx.me)) await ctx.reply(textsOf(ctx).common.anonymous)
      return
    }
    const isForwarded = 'forward_origin' in ctx.message && ctx.message.forward_origin !== undefined
    if (!isForwarded) return await next()
    if (isPrivate(ctx)) await ctx.reply(textsOf(ctx).entry.forwarded)
  })
  feature.on(editedMessage('text'), async (ctx) => {
    if (isPrivate(ctx)) await ctx.reply(textsOf(ctx).entry.edited)
  })
  return feature
}
