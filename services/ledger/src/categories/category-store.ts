import type { Tx } from '@common-purse/kit/database'
import type { LedgerCategory } from './category.ts'

const columns = `id, name, parent_id AS "parentId", archived, created_by AS "createdBy", created_at AS "createdAt", version`

export async function findCategory(
  tx: Tx,
  familyId: string,
  id: string,
): Promise<LedgerCategory | undefined> {
  const [row] = await tx.query<LedgerCategory>(
    `SELECT ${columns} FROM categories WHERE family_id = $1 AND id = $2`,
    [familyId, id],
  )
  return row
}

/** Keeps a category as it is until the end of the transaction; spending on it goes on. */
export async function keepCategory(
  tx: Tx,
  familyId: string,
  id: string,
): Promise<LedgerCategory | undefined> {
  const [row] = await tx.query<LedgerCategory>(
    `SELECT ${columns} FROM categories WHERE family_id = $1 AND id = $2 FOR SHARE`,
    [familyId, id],
  )
  return row
}

/** Locks categories in id order for a change of the tree; spending on them goes on. */
export const lockCategories = (tx: Tx, familyId: string, ids: string[]): Promise<LedgerCategory[]> =>
  tx.query<LedgerCategory>(
    `SELECT ${columns} FROM categories WHERE family_id = $1 AND id = ANY($2::uuid[])
     ORDER BY id FOR NO KEY UPDATE`,
    [familyId, ids],
  )

export async function hasChildren(tx: Tx, familyId: string, id: string): Promise<boolean> {
  const rows = await tx.query('SELECT 1 FROM categories WHERE family_id = $1 AND parent_id = $2 LIMIT 1', [
    familyId,
    id,
  ])
  return rows.length > 0
}

export async function insertCategory(tx: Tx, familyId: string, category: LedgerCategory): Promise<void> {
  await tx.query(
    `INSERT INTO categories (family_id, id, name, parent_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [familyId, category.id, category.name, category.parentId, category.createdBy, category.createdAt],
  )
}

export async function saveCategory(tx: Tx, familyId: string, category: LedgerCategory): Promise<void> {
  await tx.query(
    `UPDATE categories SET name = $3, parent_id = $4, archived = $5, version = $6
     WHERE family_id = $1 AND id = $2`,
    [familyId, category.id, category.name, category.parentId, category.archived, category.version],
  )
}
