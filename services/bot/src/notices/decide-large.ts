import { type ApprovalPolicy, Currency, type Role, toMinorUnits } from '@common-purse/contracts'

type Threshold = ApprovalPolicy['thresholds'][number]

export interface Spending {
  type: string
  accountId: string
  amount: string
  currency: string
  /** The transaction that this one undoes. */
  reverses: string | null
}

/** A member's limit, or where a member may spend nothing without asking, an adult's: above it a family wants to know. */
const measures: Role[] = ['member', 'adult']

/**
 * Pure: whether the others hear of what somebody spent or moved without having to ask: it is at least what a member of
 * this family may spend alone. A family that limits nobody is told of nothing.
 */
export function decideLarge(spending: Spending, thresholds: readonly Threshold[]): boolean {
  const currency = Currency.safeParse(spending.currency).data
  const leaves = ['expense', 'transfer'].includes(spending.type) && spending.reverses === null
  if (!leaves || currency === undefined) return false
  const amount = toMinorUnits(spending.amount, currency)
  for (const role of measures) {
    const limit = limitOf(role, spending, thresholds)
    if (limit === undefined || limit === null) return false
    const inUnits = toMinorUnits(fitting(limit, currency), currency)
    if (inUnits > 0n) return amount >= inUnits
  }
  return false
}

/** The most particular threshold of a role, as the ledger chooses it; null when it has no limit. */
function limitOf(
  role: Role,
  { accountId, currency }: Spending,
  thresholds: readonly Threshold[],
): string | null | undefined {
  const ofRole = thresholds.filter((threshold) => threshold.role === role)
  const threshold =
    ofRole.find(({ account_id }) => account_id === accountId) ??
    ofRole.find((candidate) => candidate.currency === currency) ??
    ofRole.find((candidate) => candidate.account_id === null && candidate.currency === null)
  return threshold?.amount
}

/** Places that the currency does not have are cut off: 100.50 is 100 in yen. */
function fitting(amount: string, currency: Currency): string {
  const [whole = '0', fraction = ''] = amount.split('.')
  const places = toMinorUnits('1', currency).toString().length - 1
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places)}`
}
