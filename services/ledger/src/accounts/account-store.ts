import type { Tx } from '@common-purse/kit/database'
import type { LedgerAccount } from './account.ts'

interface AccountRow extends Omit<LedgerAccount, 'overdraftLimit' | 'posted' | 'held'> {
  overdraftLimit: string
  posted: string
  held: string
}

const columns = `id, name, kind, currency, visibility, shared_with AS "sharedWith", owner_id AS "ownerId", status,
  overdraft_limit AS "overdraftLimit", posted, held, version, created_at AS "createdAt"`

const toAccount = (row: AccountRow): LedgerAccount => ({
  ...row,
  overdraftLimit: BigInt(row.overdraftLimit),
  posted: BigInt(row.posted),
  held: BigInt(row.held),
})

/** Where money goes that leaves the people's accounts: the category's own account, or the outside world. */
export interface Counterpart {
  currency: string
  categoryId: string | null
}

/**
 * Locks the named accounts of the family and, for money that comes from or goes to outside, its counterpart. One
 * order for everybody: two opposite transfers must not wait for each other.
 */
export async function lockAccounts(
  tx: Tx,
  familyId: string,
  ids: string[],
  counterpart?: Counterpart,
): Promise<LedgerAccount[]> {
  const rows = await tx.query<AccountRow>(
    `SELECT ${columns} FROM accounts
     WHERE family_id = $1 AND (id = ANY($2::uuid[])
       OR (kind = 'outside' AND currency = $3 AND $4::uuid IS NULL)
       OR (kind = 'category' AND currency = $3 AND category_id = $4))
     ORDER BY id FOR UPDATE`,
    [familyId, ids, counterpart?.currency ?? null, counterpart?.categoryId ?? null],
  )
  return rows.map(toAccount)
}

/** Makes sure that the family has the system's counterparts of a currency; answers their ids by kind. */
export async function ensureCounterparts(
  tx: Tx,
  familyId: string,
  currency: string,
  newId: () => string,
): Promise<Record<'opening' | 'outside', string>> {
  await tx.query(
    `INSERT INTO accounts (family_id, id, name, kind, currency)
     VALUES ($1, $2, 'Opening balances', 'opening', $4), ($1, $3, 'Outside world', 'outside', $4)
     ON CONFLICT (family_id, kind, currency) WHERE kind IN ('opening', 'outside') DO NOTHING`,
    [familyId, newId(), newId(), currency],
  )
  const rows = await tx.query<{ kind: 'opening' | 'outside'; id: string }>(
    `SELECT kind, id FROM accounts WHERE family_id = $1 AND kind IN ('opening', 'outside') AND currency = $2`,
    [familyId, currency],
  )
  return Object.fromEntries(rows.map(({ kind, id }) => [kind, id])) as Record<'opening' | 'outside', string>
}

/**
 * Makes sure that a category has its own account of a currency. Called before any account is locked: whoever waits here
 * for another who is making the same one holds up nobody.
 */
export async function ensureCategoryAccount(
  tx: Tx,
  familyId: string,
  { categoryId, currency, newId }: { categoryId: string; currency: string; newId: () => string },
): Promise<void> {
  await tx.query(
    `INSERT INTO accounts (family_id, id, name, kind, currency, category_id)
     SELECT $1, $2, 'Category', 'category', $3, $4
     WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE family_id = $1 AND category_id = $4 AND currency = $3)
     ON CONFLICT (family_id, category_id, currency) WHERE category_id IS NOT NULL DO NOTHING`,
    [familyId, newId(), currency, categoryId],
  )
}

export async function insertAccount(tx: Tx, familyId: string, account: LedgerAccount): Promise<void> {
  await tx.query(
    `INSERT INTO accounts (family_id, id, name, kind, currency, visibility, shared_with, owner_id, overdraft_limit, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7::uuid[], $8, $9, $10)`,
    [
      familyId,
      account.id,
      account.name,
      account.kind,
      account.currency,
      account.visibility,
      account.sharedWith,
      account.ownerId,
      account.overdraftLimit,
      account.createdAt,
    ],
  )
}

/** Locks one account of a person; undefined for one that the family does not have, the system's own too. */
export async function lockAccount(tx: Tx, familyId: string, id: string): Promise<LedgerAccount | undefined> {
  const [account] = await lockAccounts(tx, familyId, [id])
  return account?.ownerId == null ? undefined : account
}

/** Saves what a person may change of an account; it is locked already. */
export async function saveAccount(tx: Tx, familyId: string, account: LedgerAccount): Promise<void> {
  await tx.query(
    `UPDATE accounts SET name = $3, visibility = $4, shared_with = $5::uuid[], status = $6, overdraft_limit = $7,
       version = $8
     WHERE family_id = $1 AND id = $2`,
    [
      familyId,
      account.id,
      account.name,
      account.visibility,
      account.sharedWith,
      account.status,
      account.overdraftLimit,
      account.version,
    ],
  )
}

/** A change of an account's sums in minor units; accounts are locked already. */
export interface BalanceChange {
  accountId: string
  posted: bigint
  held: bigint
}

/** Adds to the balances and answers the accounts as they are afterwards. */
export async function changeBalances(
  tx: Tx,
  familyId: string,
  changes: BalanceChange[],
): Promise<LedgerAccount[]> {
  const rows = await tx.query<AccountRow>(
    `UPDATE accounts SET posted = posted + posted_change, held = held + held_change
     FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS change (account_id, posted_change, held_change)
     WHERE family_id = $1 AND id = account_id
     RETURNING ${columns}`,
    [familyId, changes.map((c) => c.accountId), changes.map((c) => c.posted), changes.map((c) => c.held)],
  )
  return rows.map(toAccount)
}
