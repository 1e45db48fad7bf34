import type { Role } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'

export interface Member {
  userId: string
  displayName: string
  role: Role
}

/** The family's members as far as the auth service's events have told. */
export const findMembers = (tx: Tx, familyId: string): Promise<Member[]> =>
  tx.query<Member>(
    `SELECT user_id AS "userId", display_name AS "displayName", role FROM members
     WHERE family_id = $1 AND NOT removed ORDER BY user_id`,
    [familyId],
  )

export interface MemberChange extends Member {
  familyId: string
  removed: boolean
  version: number
}

/** Keeps the newest version of each member: a repeated or late event changes nothing. */
export async function saveMember(tx: Tx, change: MemberChange): Promise<void> {
  await tx.query(
    `INSERT INTO members AS m (family_id, user_id, display_name, role, removed, version)
     VALUES ($1, $2, $3, $4::member_role, $5, $6)
     ON CONFLICT (family_id, user_id) DO UPDATE
     SET display_name = excluded.display_name, role = excluded.role, removed = excluded.removed, version = excluded.version
     WHERE m.version < excluded.version`,
    [change.familyId, change.userId, change.displayName, change.role, change.removed, change.version],
  )
}

/** A person's new name, in all their families. `version` counts the person's own changes. */
export interface NameChange {
  userId: string
  displayName: string
  version: number
}

export async function saveName(tx: Tx, change: NameChange): Promise<void> {
  await tx.query(
    'UPDATE members SET display_name = $2, name_version = $3 WHERE user_id = $1 AND name_version < $3',
    [change.userId, change.displayName, change.version],
  )
}
