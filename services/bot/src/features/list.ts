import type { Transaction } from '@common-purse/contracts'
import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { createCards } from '../cards.ts'
import { answerTap, isOwnChat, type Keyboard, replyPrivately, rewrite, senderOf, textsOf } from '../chat.ts'
import { chooseAccount } from '../choose-account.ts'
import { seenAccounts } from '../list-accounts.ts'
import { listMembers, namesOf } from '../load-names.ts'
import { plainLine, shown } from '../plain-text.ts'
import type { BotSession } from '../session-store.ts'
import type { Texts } from '../texts/index.ts'
import { transactionLines } from '../transaction-lines.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions' | 'memory'>

/** A list that can be turned; its pages are reached by the cursors of the ones before. */
interface ListCard {
  telegramId: string
  familyId: string
  filter: { account_id?: string; q?: string }
  /** The cursor that opens each page seen so far, and the next one. */
  cursors: (string | null)[]
}

const KEPT_SECONDS = 3600
const PAGE = '8'
const PAGES_MAX = 500
const SEARCH_MAX = 100
const tapShape = /^list:([\w-]{16}):(\d{1,3})$/

/** /list: the latest entries, with buttons to earlier ones; /list @cash or /list coffee: those that fit. */
export function listFeature(deps: Deps): Composer<Context> {
  const cards = createCards<ListCard>(deps.memory, 'list', KEPT_SECONDS)
  const feature = new Composer<Context>()
  feature.command('list', async (ctx) => {
    const texts = textsOf(ctx)
    const answer = await deps.sessions.use(senderOf(ctx), async (session) => {
      const filter = await readFilter(deps, session, ctx.payload, texts)
      if (typeof filter === 'string') return { text: filter, keyboard: [] }
      const card = { telegramId: senderOf(ctx), familyId: session.family.id, filter, cursors: [null] }
      return await showPage(deps, session, { card: await cards.create(card), page: 0, cards }, texts)
    })
    await replyPrivately(ctx, answer.text, answer.keyboard)
  })
  feature.action(tapShape, async (ctx) => {
    const texts = textsOf(ctx)
    const card = await cards.find(ctx.match[1]!)
    const page = Number(ctx.match[2])
    if (card && card.telegramId !== senderOf(ctx)) return await answerTap(ctx, texts.common.notYours)
    if (!isOwnChat(ctx)) return await answerTap(ctx, texts.common.elsewhere)
    if (!card || card.cursors[page] === undefined) return await answerTap(ctx, texts.list.old)
    const answer = await deps.sessions.use(senderOf(ctx), async (session) =>
      session.family.id === card.familyId
        ? await showPage(deps, session, { card, page, cards }, texts)
        : undefined,
    )
    if (!answer) return await answerTap(ctx, texts.list.old)
    await answerTap(ctx)
    const { message_id, chat } = ctx.callbackQuery.message!
    await rewrite(ctx, { chatId: String(chat.id), messageId: message_id }, answer.text, answer.keyboard)
  })
  return feature
}

/** `@cash` is an account, the rest is looked for in descriptions; a sentence when there is no such account. */
async function readFilter(
  { api }: Deps,
  session: BotSession,
  words: string,
  texts: Texts,
): Promise<ListCard['filter'] | string> {
  const line = plainLine(words)
  const [mark, name] = /(?:^|\s)@(\S+)/u.exec(line) ?? []
  const q = [...(mark === undefined ? line : line.replace(mark, ' ').trim())].slice(0, SEARCH_MAX).join('')
  const search = q === '' ? {} : { q }
  if (name === undefined) return search
  const accounts = await seenAccounts(api, session)
  const choice = chooseAccount(accounts, { account: name, userId: session.userId })
  if ('account' in choice) return { ...search, account_id: choice.account.id }
  if (choice.problem === 'none') return texts.balance.noAccounts
  const names = choice.names.map((known) => shown(known)).join(', ')
  return choice.problem === 'several' ? texts.entry.severalAccounts(names) : texts.entry.unknownAccount(names)
}

interface Turn {
  card: ListCard & { id: string }
  page: number
  cards: ReturnType<typeof createCards<ListCard>>
}

async function showPage(
  { api }: Deps,
  session: BotSession,
  { card, page, cards }: Turn,
  texts: Texts,
): Promise<{ text: string; keyboard: Keyboard }> {
  const cursor = card.cursors[page] ?? undefined
  const query = { ...card.filter, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
  const [{ items, next_cursor }, accounts, members] = await Promise.all([
    api.as(session, 'listTransactions', { query }),
    seenAccounts(api, session),
    listMembers(api, session),
  ])
  const hasNext = next_cursor !== null && page + 1 < PAGES_MAX
  const cursors = [...card.cursors.slice(0, page + 1), ...(hasNext ? [next_cursor] : [])]
  await cards.save({ ...card, cursors })
  const names = namesOf(accounts, members)
  const lines = items.map((item: Transaction) => transactionLines(item, names, texts))
  const isFiltered = Object.keys(card.filter).length > 0
  const nothing = isFiltered ? texts.list.noneFits : texts.list.none
  const text = [texts.list.title(shown(session.family.name)), ...(lines.length > 0 ? lines : [nothing])]
  return { text: text.join('\n\n'), keyboard: turningButtons(card.id, page, hasNext, texts) }
}

function turningButtons(id: string, page: number, hasNext: boolean, { list }: Texts): Keyboard {
  const row = [
    ...(hasNext ? [{ text: list.earlier, callback_data: `list:${id}:${page + 1}` }] : []),
    ...(page > 0 ? [{ text: list.later, callback_data: `list:${id}:${page - 1}` }] : []),
  ]
  return row.length > 0 ? [row] : []
}
