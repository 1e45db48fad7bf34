import { type Account, amountError, decimalPlaces } from '@common-purse/contracts'
import type { Api } from './api.ts'
import { type Choice, chooseAccount } from './choose-account.ts'
import { chooseCategory, listCategories } from './choose-category.ts'
import { listAccounts } from './list-accounts.ts'
import type { Entry } from './parse-entry.ts'
import { shown } from './plain-text.ts'
import type { BotSession } from './session-store.ts'
import type { Texts } from './texts/index.ts'

/** Where an entry's money moves. */
export interface Resolved {
  account: Account
  /** The other accounts it could be. */
  others: Account[]
  to?: Account
  category?: { id: string; name: string }
}

export interface Circumstances {
  texts: Texts
  /** Id of the account used last. */
  last: string | undefined
  /** Strangers may read along, so accounts that not the whole family sees are not offered or named. */
  inGroup: boolean
}

const NAMES_MAX = 20

/** Finds the accounts and the category that an entry names; a sentence when there are none that fit. */
export async function resolveEntry(
  api: Api,
  session: BotSession,
  entry: Entry,
  circumstances: Circumstances,
): Promise<Resolved | string> {
  const { texts } = circumstances
  if (entry.to !== undefined && entry.category !== undefined) return texts.entry.noCategoryHere
  const place = chooseAccounts(await listAccounts(api, session), session.userId, entry, circumstances)
  if (typeof place === 'string') return place
  if (circumstances.inGroup && !isOpenToAll(place)) return texts.entry.notHere
  if (entry.category === undefined) return place
  const category = await findCategory(api, session, entry.category, texts)
  return typeof category === 'string' ? category : { ...place, category }
}

/** The whole family sees it, so that it can be named where others read along. */
const isFamilys = ({ visibility }: Account): boolean => visibility === 'family'

const isOpenToAll = ({ account, to }: Resolved): boolean => isFamilys(account) && (!to || isFamilys(to))

function chooseAccounts(
  accounts: Account[],
  userId: string,
  entry: Entry,
  { texts, last, inGroup }: Circumstances,
): Resolved | string {
  const offered = inGroup ? accounts.filter(isFamilys) : accounts
  const wish = { account: entry.account, currency: entry.currency, last, userId }
  const choice = chooseAccount(entry.account === undefined ? offered : accounts, wish)
  if ('problem' in choice) return sayProblem(choice, texts)
  const { account } = choice
  if (amountError(entry.amount, account.currency) !== undefined)
    return texts.entry.places(account.currency, decimalPlaces(account.currency))
  const to = chooseTarget(accounts, account, entry.to, userId)
  if (to && 'problem' in to)
    return sayNoTarget(to, { accounts, from: account, name: entry.to, userId }, texts)
  const others = otherPlaces({ accounts: offered, account, to: to?.account }, entry.amount)
  return { account, others, ...(to && { to: to.account }) }
}

/** Where a transfer goes; undefined for what is none. */
function chooseTarget(
  accounts: Account[],
  from: Account,
  name: string | undefined,
  userId: string,
): Choice | undefined {
  if (name === undefined) return undefined
  const others = accounts.filter(({ id }) => id !== from.id)
  return chooseAccount(others, { account: name, currency: from.currency, userId })
}

/** Pure: an account that is there, but takes nothing from that one, is not called unknown. */
function sayNoTarget(
  choice: Exclude<Choice, { account: Account }>,
  wish: { accounts: Account[]; from: Account; name: string | undefined; userId: string },
  texts: Texts,
): string {
  const { accounts, from, name, userId } = wish
  if (choice.problem === 'several') return sayProblem(choice, texts)
  const named = chooseAccount(accounts, { account: name, userId })
  if (choice.problem === 'none' || ('account' in named && named.account.id === from.id))
    return texts.entry.sameAccount
  if ('account' in named) return texts.entry.otherCurrency(from.currency, named.account.currency)
  return sayProblem(choice, texts)
}

/** Pure: the accounts that could take the place of `account`: with enough decimal places, and fit for the transfer. */
export function otherPlaces(
  { accounts, account, to }: { accounts: Account[]; account: { id: string }; to: Account | undefined },
  amount: string,
): Account[] {
  const fits = ({ id, currency }: Account) =>
    id !== account.id && id !== to?.id && (to === undefined || currency === to.currency)
  return accounts.filter((one) => fits(one) && amountError(amount, one.currency) === undefined)
}

function sayProblem(choice: Exclude<Choice, { account: Account }>, texts: Texts): string {
  if (choice.problem === 'none') return texts.balance.noAccounts
  const names = choice.names
    .slice(0, NAMES_MAX)
    .map((name) => shown(name))
    .join(', ')
  return choice.problem === 'several' ? texts.entry.severalAccounts(names) : texts.entry.unknownAccount(names)
}

async function findCategory(
  api: Api,
  session: BotSession,
  wanted: string,
  { entry }: Texts,
): Promise<{ id: string; name: string } | string> {
  const categories = await listCategories(api, session)
  if (categories.length === 0) return entry.noCategories
  const found = chooseCategory(categories, wanted)
  const names = categories.slice(0, NAMES_MAX).map(({ name }) => shown(name))
  return found ? { id: found.id, name: found.name } : entry.unknownCategory(names.join(', '))
}
