import type { Transaction } from '@common-purse/contracts'
import { Composer, type Context } from 'telegraf'
import { approvalCard, mayApprove } from '../approvals/approval-card.ts'
import type { Seen } from '../approvals/look-at.ts'
import { approve } from '../approvals/resolve.ts'
import type { BotDeps } from '../bot-deps.ts'
import { type Keyboard, replyPrivately, senderOf, textsOf } from '../chat.ts'
import { seenAccounts } from '../list-accounts.ts'
import { listMembers } from '../load-names.ts'
import { shown } from '../plain-text.ts'
import { findPending } from '../find-pending.ts'
import type { BotSession } from '../session-store.ts'
import type { Texts } from '../texts/index.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions' | 'families' | 'memory' | 'cards'>

const SHOWN_MAX = 10
const LOOKED_AT = '100'
/** The numbers of a list hold for this long, whatever is decided meanwhile. */
const NUMBERS_SECONDS = 3600
const WORD_MAX = 40

interface Numbered {
  familyId: string
  ids: string[]
}

const numbersKey = (telegramId: string) => `pending:${telegramId}`

/** /pending: what waits, with buttons for who may decide. /approve: the same of what waits for oneself; /approve 2. */
export function pendingFeature(deps: Deps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('pending', (ctx) => list(deps, ctx, () => true))
  feature.command('approve', async (ctx) => {
    const word = ctx.payload.trim()
    if (word === '') return await list(deps, ctx, mayApprove)
    await approveOne(deps, ctx, word)
  })
  return feature
}

/** Each that waits in a message of its own, the oldest first, numbered for /approve. */
async function list(deps: Deps, ctx: Context, isWanted: (seen: Seen) => boolean): Promise<void> {
  const texts = textsOf(ctx)
  const telegramId = senderOf(ctx)
  const { familyId, waiting } = await deps.sessions.use(telegramId, async (session) => ({
    familyId: session.family.id,
    waiting: (await lookAtWaiting(deps, session)).filter(isWanted),
  }))
  const { none, nothingForYou, title, more } = texts.pending
  const nothing = isWanted === mayApprove ? nothingForYou : none
  if (waiting.length === 0) return void (await replyPrivately(ctx, nothing))
  const first = waiting.slice(0, SHOWN_MAX)
  await keepNumbers(deps, telegramId, { familyId, ids: first.map(({ transaction }) => transaction.id) })
  const head = title(texts.format.count(waiting.length))
  const place = await replyPrivately(ctx, waiting.length > SHOWN_MAX ? `${head}\n${more}` : head)
  if (!place) return
  for (const [index, seen] of first.entries())
    await sendCard(deps, ctx, { seen, number: index + 1, familyId }, texts)
}

interface Numbering {
  seen: Seen
  number: number
  familyId: string
}

async function sendCard(
  { cards }: Deps,
  ctx: Context,
  { seen, number, familyId }: Numbering,
  texts: Texts,
): Promise<void> {
  const { text, keyboard } = approvalCard(seen, familyId, texts)
  const sent = await ctx.telegram.sendMessage(ctx.from!.id, `${number}. ${text}`, buttonsOf(keyboard))
  if (keyboard.length === 0) return
  const { id, approval } = seen.transaction
  const place = { telegramId: senderOf(ctx), familyId, messageId: sent.message_id }
  await cards.remember(id, place, approval!.expires_at)
}

const buttonsOf = (inline_keyboard: Keyboard) =>
  inline_keyboard.length === 0 ? {} : { reply_markup: { inline_keyboard } }

/** Everything that waits, as this person sees it. */
async function lookAtWaiting({ api }: Pick<Deps, 'api'>, session: BotSession): Promise<Seen[]> {
  const query = { status: 'pending_approval' as const, limit: LOOKED_AT }
  const [{ items }, accounts, members] = await Promise.all([
    api.as(session, 'listTransactions', { query }),
    seenAccounts(api, session),
    listMembers(api, session),
  ])
  const names = new Map(members.map(({ user_id, display_name }) => [user_id, display_name]))
  const find = (id: string | null) => accounts.find((account) => account.id === id)
  const isKept = (transaction: Transaction): transaction is Seen['transaction'] => transaction.id !== null
  return items
    .filter(isKept)
    .toReversed()
    .map((transaction) => ({
      transaction,
      viewerId: session.userId,
      viewerRole: session.family.role,
      names,
      account: find(transaction.account_id),
      toAccount: find(transaction.to_account_id),
    }))
}

const keepNumbers = ({ memory }: Deps, telegramId: string, numbered: Numbered) =>
  memory.set(numbersKey(telegramId), JSON.stringify(numbered), NUMBERS_SECONDS)

/** Approves what the word stands for: its number in the last list, or the beginning of its id. */
async function approveOne(deps: Deps, ctx: Context, word: string): Promise<void> {
  const texts = textsOf(ctx)
  const telegramId = senderOf(ctx)
  const { familyId, found } = await deps.sessions.use(telegramId, async (session) => {
    const waiting = await lookAtWaiting(deps, session)
    const numbered = await numbersOf(deps, telegramId, session.family.id)
    const ids = waiting.map(({ transaction }) => transaction.id)
    return { familyId: session.family.id, found: findPending(word, { ids, numbered: numbered ?? ids }) }
  })
  const { noSuch, several } = texts.pending
  if (found === 'several') return void (await replyPrivately(ctx, several(shown(word, WORD_MAX))))
  if (found === 'none') return void (await replyPrivately(ctx, noSuch(shown(word, WORD_MAX))))
  const seen = await approve(deps, { telegramId, familyId, transactionId: found.id })
  if (!seen) return void (await replyPrivately(ctx, texts.trouble.gone))
  const { text, keyboard } = approvalCard(seen, familyId, texts)
  await replyPrivately(ctx, text, keyboard)
}

/** The ids of the last list of this family, in its order; undefined when there was none lately. */
async function numbersOf(
  { memory }: Deps,
  telegramId: string,
  familyId: string,
): Promise<string[] | undefined> {
  const text = await memory.get(numbersKey(telegramId))
  if (text === undefined) return undefined
  const numbered = JSON.parse(text) as Numbered
  return numbered.familyId === familyId ? numbered.ids : undefined
}
