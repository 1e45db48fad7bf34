import { Composer, type Context } from 'telegraf'
import { message } from 'telegraf/filters'
import { answerTap, isPrivate, textsOf } from '../chat.ts'
import { type EntryProblem, parseEntry } from '../parse-entry.ts'

/** Messages that nobody writes, such as one that something was pinned, are not among them. */
const media = [
  'photo',
  'voice',
  'video',
  'video_note',
  'audio',
  'document',
  'sticker',
  'animation',
  'location',
  'contact',
  'poll',
  'dice',
]

/** An entry that is nearly one; anything else is not meant as one. */
const hinted: EntryProblem[] = ['zero', 'long', 'twice', 'huge', 'currencies']
/** "1,000.50 rent" and "5coffee" are; "coffee" is not. */
const beginsWithNumber = /^\s*[+\-−–]*\s*\p{Sc}?\s*[.,]?\d/u

/** Last: whoever writes something else is told, in private; in a group the bot keeps out of what is not for it. */
export function unhandledFeature(): Composer<Context> {
  const feature = new Composer<Context>()
  feature.on(message(), async (ctx) => {
    if (!isPrivate(ctx)) return
    const { common, entry } = textsOf(ctx)
    if (!('text' in ctx.message)) {
      if (media.some((kind) => kind in ctx.message)) await ctx.reply(entry.media)
      return
    }
    const { text } = ctx.message
    const read = parseEntry(text)
    const isNear = 'problem' in read && (hinted.includes(read.problem) || beginsWithNumber.test(text))
    await ctx.reply(isNear ? entry.problem[read.problem] : common.notUnderstood)
  })
  feature.on('callback_query', (ctx) => answerTap(ctx, textsOf(ctx).common.expired))
  return feature
}
