import { Composer, type Context } from 'telegraf'
import { message } from 'telegraf/filters'
import { answerTap, isPrivate, textsOf } from '../chat.ts'
import { parseEntry } from '../parse-entry.ts'

/** Last: whoever writes something else is told, in private; in a group the bot keeps out of what is not for it. */
export function unhandledFeature(): Composer<Context> {
  const feature = new Composer<Context>()
  feature.on(message(), async (ctx) => {
    if (!isPrivate(ctx)) return
    const texts = textsOf(ctx)
    const entry = parseEntry('text' in ctx.message ? ctx.message.text : '')
    const hint =
      'problem' in entry && ['zero', 'long'].includes(entry.problem)
        ? texts.entry.problem[entry.problem]
        : undefined
    await ctx.reply(hint ?? texts.common.notUnderstood)
  })
  feature.on('callback_query', (ctx) => answerTap(ctx, textsOf(ctx).common.expired))
  return feature
}
