import { Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { canSee, type LedgerAccount } from './account.ts'
import { lockAccount } from './account-store.ts'

/** Locks an account for a change; throws `not_found` unless the caller sees it. */
export async function lockSeenAccount(tx: Tx, caller: Caller, id: string): Promise<LedgerAccount> {
  const account = await lockAccount(tx, caller.familyId, id)
  if (!account || !canSee(account, caller))
    throw new Problem('not_found', 'There is no such account that you can see')
  return account
}
