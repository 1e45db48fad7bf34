import { Composer, type Context } from 'telegraf'
import { message } from 'telegraf/filters'
import type { BotDeps } from '../bot-deps.ts'
import { createCards } from '../cards.ts'
import {
  answerTap,
  isOwnChat,
  isPrivate,
  type Keyboard,
  replyPrivately,
  rewrite,
  say,
  senderOf,
  textsOf,
} from '../chat.ts'
import { loadNames } from '../load-names.ts'
import { plainLine } from '../plain-text.ts'
import type { BotSession } from '../session-store.ts'
import type { Texts } from '../texts/index.ts'
import { transactionLines } from '../transaction-lines.ts'
import { takeBack, type UndoCard, type UndoCards } from '../take-back.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions' | 'memory' | 'prompts' | 'cardSeconds'>

const FEATURE = 'undo'
const REASON_MAX = 200
const LOOKED_AT = '100'
const tapShape = /^undo:(ok|why|no):([\w-]{16})$/

/** /undo: the last entry of one's own that can be taken back, on a card; a reversal, or an end to waiting. */
export function undoFeature(deps: Deps): Composer<Context> {
  const cards = createCards<UndoCard>(deps.memory, FEATURE, deps.cardSeconds)
  const feature = new Composer<Context>()
  feature.command('undo', (ctx) => begin(deps, cards, ctx))
  feature.action(tapShape, async (ctx) => {
    const { common, undo } = textsOf(ctx)
    const card = await cards.find(ctx.match[2]!)
    if (card && card.telegramId !== senderOf(ctx)) return await answerTap(ctx, common.notYours)
    if (!isOwnChat(ctx)) return await answerTap(ctx, common.elsewhere)
    await answerTap(ctx)
    const { message_id, chat } = ctx.callbackQuery.message!
    const place = { chatId: String(chat.id), messageId: message_id }
    if (!card) return await rewrite(ctx, place, undo.old)
    const action = ctx.match[1]
    if (action === 'ok')
      return await rewrite(ctx, place, await takeBack({ ...deps, cards }, card, textsOf(ctx)))
    if (action === 'why') return await askReason(deps, ctx, { ...card, place })
    // What was sent cannot be called back: its card says what came of it.
    if (!card.sent) await cards.delete(card.id)
    await rewrite(ctx, place, card.sent ? (card.outcome ?? common.underWay) : undo.left)
  })
  feature.on(message('text'), async (ctx, next) => {
    if (!isPrivate(ctx) || ctx.message.text.startsWith('/')) return await next()
    const id = await deps.prompts.take(senderOf(ctx), FEATURE)
    if (id === undefined) return await next()
    await answerReason({ ...deps, cards }, ctx, id, plainLine(ctx.message.text))
  })
  return feature

  async function askReason({ prompts }: Deps, ctx: Context, card: UndoCard & { id: string }): Promise<void> {
    await cards.save(card)
    await prompts.expect(card.telegramId, { feature: FEATURE, id: card.id })
    await ctx.reply(textsOf(ctx).undo.askReason, { reply_markup: { force_reply: true } })
  }
}

/** Puts the card before the person; nothing is taken back until they confirm it. */
async function begin(deps: Deps, cards: UndoCards, ctx: Context): Promise<void> {
  const texts = textsOf(ctx)
  const telegramId = senderOf(ctx)
  const found = await deps.sessions.use(telegramId, (session) => findLast(deps, session, texts))
  if (!found) return void (await replyPrivately(ctx, texts.undo.nothing))
  const { text, ...subject } = found
  const card = await cards.create({ telegramId, ...subject, sent: false })
  await replyPrivately(ctx, text, buttonsOf(card, texts))
}

/** The person's newest entry that is posted, or that waits still. */
async function findLast({ api }: Deps, session: BotSession, texts: Texts) {
  const query = { member_id: session.userId, limit: LOOKED_AT }
  const [{ items }, names] = await Promise.all([
    api.as(session, 'listTransactions', { query }),
    loadNames(api, session),
  ])
  const last = items.find(
    ({ status, reverses }) => status === 'pending_approval' || (status === 'posted' && reverses === null),
  )
  if (!last?.id) return undefined
  const waits = last.status === 'pending_approval'
  const question = waits ? texts.undo.cancel : texts.undo.reverse
  return {
    transactionId: last.id,
    familyId: session.family.id,
    waits,
    text: `${transactionLines(last, names, texts)}\n\n${question}`,
  }
}

function buttonsOf({ id, waits }: UndoCard & { id: string }, { undo, common }: Texts): Keyboard {
  const leave = { text: undo.leave, callback_data: `undo:no:${id}` }
  if (waits) return [[{ text: common.cancel, callback_data: `undo:ok:${id}` }, leave]]
  return [
    [{ text: undo.confirm, callback_data: `undo:ok:${id}` }],
    [{ text: undo.withReason, callback_data: `undo:why:${id}` }, leave],
  ]
}

async function answerReason(
  deps: Deps & { cards: UndoCards },
  ctx: Context,
  id: string,
  reason: string,
): Promise<void> {
  const texts = textsOf(ctx)
  const card = await deps.cards.find(id)
  if (!card) return void (await ctx.reply(texts.undo.old))
  if (reason === '' || reason.length > REASON_MAX) return void (await ctx.reply(texts.undo.wrongReason))
  const reasoned = { ...card, reason: card.reason ?? reason }
  const outcome = await takeBack(deps, reasoned, texts).catch(async (error: unknown) => {
    // The same words may do once the trouble is over.
    await deps.prompts.expect(card.telegramId, { feature: FEATURE, id })
    throw error
  })
  if (card.place) await rewrite(ctx, card.place, outcome)
  await say(ctx, outcome)
}
