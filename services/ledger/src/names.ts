import type { Tx } from '@common-purse/kit/database'

const names = {
  category: 'SELECT id, name FROM categories WHERE family_id = $1',
  member: 'SELECT user_id AS id, display_name AS name FROM members WHERE family_id = $1',
} as const

/** The family's categories or members by id, those that left too. */
export async function findNames(
  db: Tx,
  familyId: string,
  of: keyof typeof names,
): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; name: string }>(names[of], [familyId])
  return new Map(rows.map(({ id, name }) => [id, name]))
}
