import { Problem, type SubmitTransaction, toDecimal, toMinorUnits } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { canSee, type LedgerAccount, nameFor, type Viewer } from '../accounts/account.ts'
import type { LedgerCategory } from '../categories/category.ts'
import { wrongField } from '../wrong-field.ts'
import { payerOf } from './movement.ts'
import type { NewTransaction } from './transaction.ts'

const FUTURE_MS_MAX = 86_400_000

/** A transaction that is right in itself; whether it waits is decided next. */
export type Draft = Omit<NewTransaction, 'id' | 'status' | 'approval'>

/** Pure: what the command asks for, checked against the accounts and the category it names. Throws a Problem when the answer is no. */
export function decideTransaction(
  command: SubmitTransaction,
  caller: Caller,
  { accounts, category }: { accounts: LedgerAccount[]; category: LedgerCategory | undefined },
  now: Date,
): Draft {
  const usable = requireUsable(accounts, command.currency, caller)
  const account = usable('account_id', command.account_id)
  const to = command.to_account_id ? usable('to_account_id', command.to_account_id) : null
  if (command.category_id) requireCategory(category)
  const occurredAt = command.occurred_at === undefined ? now : new Date(command.occurred_at)
  if (occurredAt.getTime() > now.getTime() + FUTURE_MS_MAX)
    throw wrongField('occurred_at', 'Expected no later than tomorrow')
  return {
    familyId: caller.familyId,
    type: command.type,
    accountId: account.id,
    toAccountId: to?.id ?? null,
    amount: toMinorUnits(command.amount, command.currency),
    currency: command.currency,
    categoryId: command.category_id ?? null,
    description: command.description ?? null,
    createdBy: caller.userId,
    occurredAt,
    createdAt: now,
    reason: null,
    reverses: null,
  }
}

function requireCategory(category: LedgerCategory | undefined): void {
  if (!category) throw wrongField('category_id', 'There is no such category in the family')
  if (category.archived) throw wrongField('category_id', `${category.name} is archived and takes nothing new`)
}

const requireUsable =
  (accounts: LedgerAccount[], currency: string, caller: Caller) =>
  (field: string, id: string): LedgerAccount => {
    const account = accounts.find((candidate) => candidate.id === id)
    if (!account || !canSee(account, caller))
      throw new Problem('not_found', `There is no such ${field} that you can see`)
    requireOpen(account, caller)
    if (account.currency !== currency)
      throw wrongField('currency', `${account.name} is kept in ${account.currency}`)
    return account
  }

/** Throws `account_closed` unless the account takes movements. */
export function requireOpen(account: LedgerAccount, caller: Viewer): void {
  if (account.status === 'closed')
    throw new Problem('account_closed', `${nameFor(account, caller)} is closed`)
}

/** Pure: throws `insufficient_funds` unless the paying account covers the sum with what is not held already. */
export function requireFunds(
  transaction: Omit<Draft, 'familyId'>,
  accounts: LedgerAccount[],
  caller: Viewer,
): void {
  const payer = accounts.find(({ id }) => id === payerOf(transaction))
  if (!payer) return
  const left = payer.posted - payer.held + payer.overdraftLimit
  if (transaction.amount <= left) return
  if (!canSee(payer, caller))
    throw new Problem('insufficient_funds', `${nameFor(payer, caller)} has too little to spend`)
  const available = toDecimal(left < 0n ? 0n : left, payer.currency)
  throw new Problem('insufficient_funds', `${payer.name} has ${available} ${payer.currency} to spend`)
}

/** Far above any family's money and far below what a BIGINT holds. */
const BALANCE_MAX = 10n ** 17n

/** True in the range in which sums of minor units stay exact. */
export const isCountable = (sum: bigint): boolean => sum <= BALANCE_MAX && sum >= -BALANCE_MAX

/** Pure: throws when a balance would leave that range. */
export function requireRange(transaction: Omit<Draft, 'familyId'>, accounts: LedgerAccount[]): void {
  const tooLarge = ({ posted }: LedgerAccount) =>
    !isCountable(posted + transaction.amount) || !isCountable(posted - transaction.amount)
  if (accounts.some(tooLarge))
    throw wrongField('amount', 'The account would hold more than the ledger can count')
}
