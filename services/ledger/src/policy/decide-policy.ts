import { amountError, type PutApprovalPolicy, toDecimal, toMinorUnits } from '@common-purse/contracts'
import type { LedgerAccount } from '../accounts/account.ts'
import { wrongField } from '../wrong-field.ts'
import type { FamilyPolicy, Threshold } from './policy.ts'

export type NamedAccount = Pick<LedgerAccount, 'id' | 'currency'>
type Decided = Pick<FamilyPolicy, 'thresholds' | 'windowSeconds' | 'quorum' | 'expirySeconds'>

/** Pure: the policy that the command asks for; throws a Problem that names the threshold which cannot be. */
export function decidePolicy(
  command: PutApprovalPolicy,
  present: FamilyPolicy,
  accounts: NamedAccount[],
): Decided {
  return {
    thresholds: command.thresholds.map((given, index) => decideThreshold(given, index, accounts)),
    windowSeconds: command.window_seconds ?? present.windowSeconds,
    quorum: command.quorum ?? present.quorum,
    expirySeconds: command.expiry_seconds ?? present.expirySeconds,
  }
}

function decideThreshold(
  { role, account_id: accountId, currency, amount }: PutApprovalPolicy['thresholds'][number],
  index: number,
  accounts: NamedAccount[],
): Threshold {
  const account = accounts.find(({ id }) => id === accountId)
  if (accountId !== null && !account)
    throw wrongField(`thresholds.${index}.account_id`, 'There is no such account in the family')
  const counted = currency ?? account?.currency
  if (amount === null || counted === undefined) return { role, accountId, currency, amount }
  const message = amountError(amount, counted)
  if (message) throw wrongField(`thresholds.${index}.amount`, message)
  return { role, accountId, currency, amount: toDecimal(toMinorUnits(amount, counted), counted) }
}

/** Pure: true when both say the same, in whatever order the thresholds are given. */
export const isSamePolicy = (one: Decided, other: Decided): boolean =>
  one.windowSeconds === other.windowSeconds &&
  one.quorum === other.quorum &&
  one.expirySeconds === other.expirySeconds &&
  asOne(one.thresholds) === asOne(other.thresholds)

const asOne = (thresholds: Threshold[]) =>
  thresholds
    .map(({ role, accountId, currency, amount }) => JSON.stringify([role, accountId, currency, amount]))
    .toSorted()
    .join()
