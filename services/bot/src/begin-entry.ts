import { type Account, amountError } from '@common-purse/contracts'
import type { Context } from 'telegraf'
import type { Api } from './api.ts'
import { senderOf, textsOf, withKeyboard } from './chat.ts'
import { chooseAccount } from './choose-account.ts'
import type { DraftStore } from './draft-store.ts'
import { cardKeyboard, cardText } from './entry-card.ts'
import { listAccounts } from './list-accounts.ts'
import type { Entry } from './parse-entry.ts'
import type { SessionStore } from './session-store.ts'
import type { Texts } from './texts/index.ts'

export interface EntryDeps {
  api: Api
  sessions: SessionStore
  drafts: DraftStore
}

interface Place {
  account: Account
  others: Account[]
}

/** Puts a card for an entry before the person; nothing moves until they confirm it. */
export async function beginEntry(deps: EntryDeps, ctx: Context, entry: Entry): Promise<void> {
  const texts = textsOf(ctx)
  const place = await findPlace(deps, senderOf(ctx), entry, texts)
  if (typeof place === 'string') return void (await ctx.reply(place))
  const { account, others } = place
  const draft = await deps.drafts.create({
    telegramId: senderOf(ctx),
    chatId: String(ctx.chat!.id),
    type: entry.type,
    amount: entry.amount,
    currency: account.currency,
    description: entry.description,
    accountId: account.id,
    accountName: account.name,
  })
  const card = await ctx.reply(cardText(draft, texts), withKeyboard(cardKeyboard(draft, others, texts)))
  await deps.drafts.save({ ...draft, messageId: card.message_id })
}

/** The account an entry is for, or what to say when there is none that fits. */
async function findPlace(
  deps: EntryDeps,
  telegramId: string,
  entry: Entry,
  texts: Texts,
): Promise<Place | string> {
  const last = await deps.drafts.lastAccount(telegramId)
  const choice = await deps.sessions.use(telegramId, async (session) => {
    const accounts = await listAccounts(deps.api, session)
    return chooseAccount(accounts, { ...entry, last, userId: session.userId })
  })
  if (!('problem' in choice)) {
    const wrong = amountError(entry.amount, choice.account.currency)
    const others = choice.others.filter(({ currency }) => amountError(entry.amount, currency) === undefined)
    return wrong ?? { account: choice.account, others }
  }
  if (choice.problem === 'none') return texts.balance.noAccounts
  const names = choice.names.join(', ')
  return choice.problem === 'several' ? texts.entry.severalAccounts(names) : texts.entry.unknownAccount(names)
}

/** Moves an entry that is not confirmed yet to another account that its person can see. */
export async function moveEntry(deps: EntryDeps, ctx: Context, draftId: string, accountId: string) {
  const draft = await deps.drafts.find(draftId)
  if (!draft || draft.sent) return undefined
  const accounts = await deps.sessions.use(draft.telegramId, (session) => listAccounts(deps.api, session))
  const fitting = accounts.filter(({ currency }) => amountError(draft.amount, currency) === undefined)
  const account = fitting.find(({ id }) => id === accountId)
  if (!account) return undefined
  const moved = { ...draft, accountId, accountName: account.name, currency: account.currency }
  await deps.drafts.save(moved)
  const texts = textsOf(ctx)
  const others = fitting.filter(({ id }) => id !== accountId)
  return { draft: moved, text: cardText(moved, texts), keyboard: cardKeyboard(moved, others, texts) }
}
