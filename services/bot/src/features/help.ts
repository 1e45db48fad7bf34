import { Composer, type Context } from 'telegraf'
import { textsOf } from '../chat.ts'

/** /help: what the bot can do. */
export function helpFeature(): Composer<Context> {
  const feature = new Composer<Context>()
  feature.help((ctx) => ctx.reply(textsOf(ctx).help.text))
  return feature
}
