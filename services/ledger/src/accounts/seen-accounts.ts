import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { canSee, type LedgerAccount } from './account.ts'

/** An account of the family's people, and whether the caller sees it. */
export interface FamilyAccount {
  id: string
  name: string
  currency: string
  seen: boolean
}

type Row = Pick<LedgerAccount, 'id' | 'name' | 'currency' | 'ownerId' | 'visibility' | 'sharedWith'>

/** Every account of the family's people, in the order of their ids: a family has tens of them, not thousands. */
export async function findFamilyAccounts(db: Tx, caller: Caller): Promise<FamilyAccount[]> {
  const rows = await db.query<Row>(
    `SELECT id, name, currency, owner_id AS "ownerId", visibility, shared_with AS "sharedWith"
     FROM accounts WHERE family_id = $1 AND owner_id IS NOT NULL ORDER BY id`,
    [caller.familyId],
  )
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    currency: row.currency,
    seen: canSee(row, caller),
  }))
}
