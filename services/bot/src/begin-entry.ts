import type { Account } from '@common-purse/contracts'
import type { Context } from 'telegraf'
import type { BotDeps } from './bot-deps.ts'
import { isPrivate, type Keyboard, replyPrivately, say, senderOf, textsOf } from './chat.ts'
import type { Draft } from './draft-store.ts'
import { cardKeyboard, cardText } from './entry-card.ts'
import { listAccounts } from './list-accounts.ts'
import type { Entry } from './parse-entry.ts'
import { previewEntry } from './preview-entry.ts'
import { otherPlaces, type Resolved, resolveEntry } from './resolve-entry.ts'
import type { BotSession } from './session-store.ts'

export type EntryDeps = Pick<BotDeps, 'api' | 'sessions' | 'drafts'>

interface Card {
  draft: Draft
  text: string
  keyboard: Keyboard
}

/** Puts a card for an entry before the person; nothing moves until they confirm it. */
export async function beginEntry(deps: EntryDeps, ctx: Context, entry: Entry): Promise<void> {
  const last = await deps.drafts.lastAccount(senderOf(ctx))
  const circumstances = { texts: textsOf(ctx), last, inGroup: !isPrivate(ctx) }
  const card = await deps.sessions.use(senderOf(ctx), async (session) => {
    const place = await resolveEntry(deps.api, session, entry, circumstances)
    return typeof place === 'string' ? place : await createCard(deps, ctx, session, { entry, place })
  })
  // What is refused may name accounts that are nobody else's business.
  if (typeof card === 'string') return void (await replyPrivately(ctx, card))
  const { messageId } = await say(ctx, card.text, card.keyboard)
  await deps.drafts.save({ ...card.draft, messageId })
}

/** Drafts the entry and what its card says; a sentence when the purse would refuse it. */
async function createCard(
  { api, drafts }: EntryDeps,
  ctx: Context,
  session: BotSession,
  { entry, place }: { entry: Entry; place: Resolved },
): Promise<Card | string> {
  const { account, others, to, category } = place
  const plan = {
    telegramId: senderOf(ctx),
    chatId: String(ctx.chat!.id),
    familyId: session.family.id,
    type: entry.type,
    amount: entry.amount,
    currency: account.currency,
    description: entry.description,
    accountId: account.id,
    accountName: account.name,
    ...(to && { to: { id: to.id, name: to.name } }),
    ...(category && { category }),
  }
  const texts = textsOf(ctx)
  const preview = await previewEntry(api, session, plan, { texts, account, inGroup: !isPrivate(ctx) })
  if ('refusal' in preview) return preview.refusal
  const draft = await drafts.create(plan)
  return {
    draft,
    text: cardText(draft, preview.note, texts),
    keyboard: cardKeyboard(draft, others, texts),
  }
}

/** Moves an entry that is not confirmed yet to another account that its person can see; undefined when it cannot be. */
export async function moveEntry(
  { api, sessions, drafts }: EntryDeps,
  ctx: Context,
  { draft, accountId }: { draft: Draft; accountId: string },
): Promise<Card | undefined> {
  if (draft.sentAt !== undefined) return undefined
  return await sessions.use(draft.telegramId, async (session) => {
    if (session.family.id !== draft.familyId) return undefined
    const inGroup = !isPrivate(ctx)
    const accounts = await listAccounts(api, session)
    const offered = inGroup ? accounts.filter(({ visibility }) => visibility === 'family') : accounts
    const to = accounts.find(({ id }) => id === draft.to?.id)
    const account = otherPlaces(
      { accounts: offered, account: { id: draft.accountId }, to },
      draft.amount,
    ).find(({ id }) => id === accountId)
    if (!account) return undefined
    const moved = movedTo(draft, account)
    const texts = textsOf(ctx)
    const preview = await previewEntry(api, session, moved, { texts, account, inGroup })
    if ('refusal' in preview) return { draft, text: preview.refusal, keyboard: [] }
    await drafts.save(moved)
    const others = otherPlaces({ accounts: offered, account, to }, moved.amount)
    const text = cardText(moved, preview.note, texts)
    return { draft: moved, text, keyboard: cardKeyboard(moved, others, texts) }
  })
}

const movedTo = (draft: Draft, { id, name, currency }: Account): Draft => ({
  ...draft,
  accountId: id,
  accountName: name,
  currency,
})
