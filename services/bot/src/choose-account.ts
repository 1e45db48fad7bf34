import type { Account } from '@common-purse/contracts'

export interface Wish {
  /** Name of an account or its beginning, as a person types it. */
  account?: string | undefined
  currency?: string | undefined
  /** Id of the account used last. */
  last?: string | undefined
  userId: string
}

export type Choice =
  | { account: Account; others: Account[] }
  | { problem: 'none' }
  | { problem: 'unknown' | 'several'; names: string[] }

const plain = (name: string) => name.toLocaleLowerCase('en').replaceAll(/[\s_-]+/g, '')

/** The account that money most likely moves on, with those it could be instead; nothing is guessed of a name. */
export function chooseAccount(accounts: readonly Account[], wish: Wish): Choice {
  const open = accounts.filter(({ status }) => status === 'open')
  const fitting = open.filter(({ currency }) => wish.currency === undefined || currency === wish.currency)
  if (open.length === 0) return { problem: 'none' }
  if (fitting.length === 0) return { problem: 'unknown', names: open.map(nameOf) }
  if (wish.account === undefined) return withOthers(likeliest(fitting, wish), fitting)
  const matches = byName(fitting, plain(wish.account))
  if (matches.length === 0) return { problem: 'unknown', names: fitting.map(nameOf) }
  if (matches.length > 1) return { problem: 'several', names: matches.map(nameOf) }
  return withOthers(matches[0]!, fitting)
}

function byName(accounts: Account[], wanted: string): Account[] {
  const exact = accounts.filter(({ name }) => plain(name) === wanted)
  return exact.length > 0 ? exact : accounts.filter(({ name }) => plain(name).startsWith(wanted))
}

function likeliest(accounts: Account[], { last, userId }: Wish): Account {
  const first = accounts.find(({ id }) => id === last) ?? accounts.find(({ owner_id }) => owner_id === userId)
  return first ?? accounts[0]!
}

const withOthers = (account: Account, all: Account[]) => ({
  account,
  others: all.filter(({ id }) => id !== account.id),
})

const nameOf = ({ name, currency }: Account) => `${name} (${currency})`
