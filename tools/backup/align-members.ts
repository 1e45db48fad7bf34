import type pg from 'pg'

/** How many members the ledger knew otherwise than the auth service, or not at all, or though there is no such member. */
export interface Aligned {
  changed: number
  added: number
  removed: number
}

/**
 * Makes the ledger's picture of the members equal to what the auth service has. After a restore it has heard of changes that
 * are lost, and would take the next ones for old news. The table is locked first: what the ledger has then been told is
 * committed, so nothing newer is set back. As the database's administrator.
 */
export async function alignMembers(sql: pg.ClientBase): Promise<Aligned> {
  await sql.query('BEGIN')
  try {
    await sql.query('LOCK TABLE ledger.members IN SHARE ROW EXCLUSIVE MODE')
    const removed = await count(
      sql,
      `DELETE FROM ledger.members m WHERE NOT EXISTS
         (SELECT FROM auth.family_members a WHERE a.family_id = m.family_id AND a.user_id = m.user_id)`,
    )
    const changed = await count(
      sql,
      `UPDATE ledger.members m SET role = a.role, removed = a.removed, version = a.version,
         display_name = a.display_name, name_version = a.name_version
       FROM (${asAuthHas}) a WHERE a.family_id = m.family_id AND a.user_id = m.user_id
         AND ((m.role, m.removed, m.version, m.display_name)
             IS DISTINCT FROM (a.role, a.removed, a.version, a.display_name)
           OR m.name_version > a.name_version)`,
    )
    const added = await count(
      sql,
      `INSERT INTO ledger.members (family_id, user_id, role, removed, version, display_name, name_version)
       SELECT * FROM (${asAuthHas}) a ON CONFLICT (family_id, user_id) DO NOTHING`,
    )
    await sql.query('COMMIT')
    return { changed, added, removed }
  } catch (error) {
    await sql.query('ROLLBACK')
    throw error
  }
}

const asAuthHas = `SELECT f.family_id, f.user_id, f.role::text::ledger.member_role AS role, f.removed_at IS NOT NULL AS removed,
    f.version, u.display_name, u.version AS name_version
  FROM auth.family_members f JOIN auth.users u ON u.id = f.user_id`

const count = async (sql: pg.ClientBase, statement: string): Promise<number> =>
  (await sql.query(statement)).rowCount ?? 0
