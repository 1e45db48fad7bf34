import { Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { type FamilyAccount, findFamilyAccounts } from '../accounts/seen-accounts.ts'

/** The accounts a report counts: all that the caller sees, or the one asked for; throws `not_found` for one unseen. */
export async function reportAccounts(db: Tx, caller: Caller, accountId?: string): Promise<FamilyAccount[]> {
  const seen = (await findFamilyAccounts(db, caller)).filter((account) => account.seen)
  if (accountId === undefined) return seen
  const asked = seen.filter(({ id }) => id === accountId)
  if (asked.length === 0) throw new Problem('not_found', 'There is no such account that you can see')
  return asked
}
