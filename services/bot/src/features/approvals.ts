import { ApiError } from '@common-purse/client'
import { Composer, type Context } from 'telegraf'
import { message } from 'telegraf/filters'
import {
  approvalCard,
  type Card,
  mayApprove,
  outcomeLine,
  reasonCard,
  whatOf,
} from '../approvals/approval-card.ts'
import type { CardStore } from '../approvals/card-store.ts'
import { lookAt, type Seen } from '../approvals/look-at.ts'
import { type ApprovalDeps, approve, reject } from '../approvals/resolve.ts'
import { readTap, type Subject, type Tap, tapShape } from '../approvals/tap-data.ts'
import { answerTap, isOwnChat, isPrivate, rewrite, senderOf, textsOf } from '../chat.ts'
import { explainError, isPassing } from '../explain-error.ts'
import { plainLine } from '../plain-text.ts'
import type { Prompts } from '../prompts.ts'

export interface ApprovalsDeps extends ApprovalDeps {
  cards: CardStore
  prompts: Prompts
}

/** A tap on a card: on which message, by whom, about what. */
interface Tapped {
  ctx: Context
  deps: ApprovalsDeps
  telegramId: string
  messageId: number
  subject: Subject
}

const REASON_MAX = 200
const PROMPT = 'reject'

/** The buttons of what waits for approval, and the reason that somebody writes when they reject. */
export function approvalsFeature(deps: ApprovalsDeps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.action(tapShape, async (ctx) => {
    const card = ctx.callbackQuery.message
    const read = readTap(ctx.match[0])
    // Cards are sent to private chats, so whoever has one before them taps there.
    if (!read || !card || !isOwnChat(ctx)) return await answerTap(ctx, textsOf(ctx).approval.notYourCard)
    await answerTap(ctx)
    const { subject, tap } = read
    const tapped = { ctx, deps, subject, telegramId: senderOf(ctx), messageId: card.message_id }
    await refused(tapped, () => act(tapped, tap))
  })
  feature.on(message('text'), async (ctx, next) => {
    const reason = plainLine(ctx.message.text).replaceAll(/\s+/gu, ' ')
    if (!isPrivate(ctx) || reason.startsWith('/')) return await next()
    const telegramId = senderOf(ctx)
    const id = await deps.prompts.take(telegramId, PROMPT)
    if (id === undefined) return await next()
    const tapped = { ctx, deps, telegramId, ...readPrompt(id) }
    if (reason.length > REASON_MAX) return await askForWords(tapped, textsOf(ctx).approval.reasonLong)
    await refused(tapped, async () => {
      const seen = await reject(deps, { ...tapped.subject, telegramId }, reason)
      await show(tapped, seen, approvalCard)
      await ctx.reply(seen ? outcomeLine(seen, textsOf(ctx)) : textsOf(ctx).approval.closed)
    }).catch(async (error: unknown) => {
      await expectWords(tapped) // the same words may do once the trouble is over
      throw error
    })
  })
  return feature
}

/** What the prompt for a reason remembers of the card. */
const promptOf = ({ messageId, subject }: Tapped) =>
  [messageId, subject.transactionId, subject.familyId].join(':')

function readPrompt(id: string): Pick<Tapped, 'messageId' | 'subject'> {
  const [messageId = '', transactionId = '', familyId = ''] = id.split(':')
  return { messageId: Number(messageId), subject: { transactionId, familyId } }
}

const expectWords = (tapped: Tapped) =>
  tapped.deps.prompts.expect(tapped.telegramId, { feature: PROMPT, id: promptOf(tapped) })

async function askForWords(tapped: Tapped, text: string): Promise<void> {
  await expectWords(tapped)
  await tapped.ctx.reply(text, { reply_markup: { force_reply: true } })
}

async function act(tapped: Tapped, tap: Tap): Promise<void> {
  const { ctx, deps, subject, telegramId } = tapped
  switch (tap.action) {
    case 'approve':
      await deps.prompts.drop(telegramId)
      return await show(tapped, await approve(deps, { ...subject, telegramId }), approvalCard)
    case 'reject':
      return await show(tapped, await look(tapped), reasonCard)
    case 'back':
      await deps.prompts.drop(telegramId)
      return await show(tapped, await look(tapped), approvalCard)
    case 'words': {
      const seen = await look(tapped)
      if (!seen || !mayApprove(seen)) return await show(tapped, seen, approvalCard)
      const texts = textsOf(ctx)
      return await askForWords(tapped, texts.approval.writeReason(whatOf(seen.transaction, texts)))
    }
    case 'reason': {
      const reason = textsOf(ctx).approval.reasons[tap.reason]
      await deps.prompts.drop(telegramId)
      if (reason !== undefined)
        await show(tapped, await reject(deps, { ...subject, telegramId }, reason), approvalCard)
    }
  }
}

const look = ({ deps, telegramId, subject }: Tapped) =>
  deps.families.use(telegramId, subject.familyId, (session) =>
    lookAt(deps.api, session, subject.transactionId),
  )

/** Shows the card as it is now, and once more when somebody has acted in the moment between. */
async function show(tapped: Tapped, seen: Seen | undefined, draw: typeof approvalCard): Promise<void> {
  const { ctx, deps, telegramId, messageId, subject } = tapped
  const put = ({ text, keyboard }: Card) => rewrite(ctx, { chatId: telegramId, messageId }, text, keyboard)
  const texts = textsOf(ctx)
  const cardFor = (now: Seen | undefined, how: typeof approvalCard): Card =>
    now ? how(now, subject.familyId, texts) : { text: texts.approval.closed, keyboard: [] }
  if (!seen || !mayApprove(seen)) return await put(cardFor(seen, approvalCard))
  const place = { telegramId, messageId, familyId: subject.familyId }
  await deps.cards.remember(subject.transactionId, place, seen.transaction.approval!.expires_at)
  await put(cardFor(seen, draw))
  const now = await look(tapped)
  if (!now || !mayApprove(now)) await put(cardFor(now, approvalCard))
}

/** A refusal that stays one is told, and the card shows how it stands; after any other the same tap may do better. */
async function refused(tapped: Tapped, work: () => Promise<void>): Promise<void> {
  const { ctx } = tapped
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ApiError) || isPassing(error)) throw error
    await show(tapped, await look(tapped), approvalCard)
    await ctx.reply(explainError(error, textsOf(ctx)))
  }
}
