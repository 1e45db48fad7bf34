import { Composer, type Context } from 'telegraf'
import { message } from 'telegraf/filters'
import { beginEntry, type EntryDeps, moveEntry } from '../begin-entry.ts'
import { answerTap, isPrivate, rewrite, senderOf, textsOf } from '../chat.ts'
import { confirmEntry, placeOf } from '../confirm-entry.ts'
import type { Draft } from '../draft-store.ts'
import { tapShape } from '../entry-card.ts'
import { parseEntry } from '../parse-entry.ts'

/** /add 12.50 coffee, and the same without /add in private: a card to confirm before money moves. */
export function addFeature(deps: EntryDeps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('add', async (ctx) => {
    const entry = parseEntry(ctx.payload)
    if ('problem' in entry) await ctx.reply(textsOf(ctx).entry.problem[entry.problem])
    else await beginEntry(deps, ctx, entry)
  })
  feature.on(message(), async (ctx, next) => {
    if (!isPrivate(ctx)) return await next()
    const entry = parseEntry(wordsOf(ctx.message))
    if ('problem' in entry) return await next()
    await beginEntry(deps, ctx, entry)
  })
  feature.action(tapShape, async (ctx) => {
    const [, action, draftId, accountId] = ctx.match
    const draft = await deps.drafts.find(draftId!)
    if (!draft) return await sayExpired(ctx)
    if (draft.telegramId !== senderOf(ctx)) return await answerTap(ctx, textsOf(ctx).common.notYours)
    // No button of Telegram's: what a card says is for the chat that it stands in.
    if (draft.chatId !== String(ctx.chat?.id)) return await answerTap(ctx, textsOf(ctx).common.elsewhere)
    await answerTap(ctx)
    if (action === 'ok') await confirmEntry(deps, ctx, draft)
    else if (action === 'no') await cancelEntry(deps, ctx, draft)
    else await changeAccount(deps, ctx, draft, accountId ?? '')
  })
  return feature
}

/** What is written under a picture counts like a message of its own. */
const wordsOf = (sent: object): string =>
  'text' in sent ? String(sent.text) : 'caption' in sent ? String(sent.caption) : ''

async function sayExpired(ctx: Context): Promise<void> {
  const { expired } = textsOf(ctx).common
  await answerTap(ctx)
  const card = ctx.callbackQuery?.message
  if (card) await rewrite(ctx, { chatId: String(card.chat.id), messageId: card.message_id }, expired)
}

async function cancelEntry({ drafts }: EntryDeps, ctx: Context, draft: Draft): Promise<void> {
  const texts = textsOf(ctx)
  // What was sent cannot be called back: its card says what came of it.
  if (draft.sentAt !== undefined)
    return void (await ctx.telegram.sendMessage(draft.chatId, draft.outcome ?? texts.common.underWay))
  await drafts.delete(draft.id)
  await rewrite(ctx, placeOf(draft), texts.entry.cancelled)
}

async function changeAccount(deps: EntryDeps, ctx: Context, draft: Draft, accountId: string): Promise<void> {
  const moved = await moveEntry(deps, ctx, { draft, accountId })
  if (moved) await rewrite(ctx, placeOf(draft), moved.text, moved.keyboard)
}
