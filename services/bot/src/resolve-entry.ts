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
  if (typeof place === 'string' || entry.category === undefined) return place
  const category = await findCategory(api, session, entry.category, texts)
  return typeof category === 'string' ? category : { ...place, category }
}

function chooseAccounts(
  accounts: Account[],
  userId: string,
  entry: Entry,
  { texts, last, inGroup }: Circumstances,
): Resolved | string {
  const offered = inGroup ? accounts.filter(({ visibility }) => visibility === 'family') : accounts
  const wish = { account: entry.account, currency: entry.currency, last, userId }
  const choice = chooseAccount(entry.account === undefined ? offered : accounts, wish)
  if ('problem' in choice) return sayProblem(choice, texts)
  const { account } = choice
  if (amountError(entry.amount, account.currency) !== undefined)
    return texts.entry.places(account.currency, decimalPlaces(account.currency))
  const to = chooseTarget(accounts, account, entry.to, userId)
  if (to && 'problem' in to) return to.problem === 'none' ? texts.entry.sameAccount : sayProblem(to, texts)
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
