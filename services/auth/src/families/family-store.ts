import type { Family, FamilyOfUser, Role, User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'

/** A family as one of its members sees it; `mver` counts the changes of the membership. */
export interface Membership extends FamilyOfUser {
  mver: number
}

export const familyOfUser = ({ id, name, role }: Membership): FamilyOfUser => ({ id, name, role })

export interface NewFamily {
  id: string
  name: string
  now: Date
}

export async function insertFamily(tx: Tx, family: NewFamily): Promise<Change> {
  await tx.query('INSERT INTO families (id, name, created_at) VALUES ($1::uuid, $2, $3)', [
    family.id,
    family.name,
    family.now,
  ])
  return {
    action: 'family.created',
    entityType: 'family',
    entityId: family.id,
    version: 1,
    newValues: { family_id: family.id, name: family.name },
  }
}

export interface Joining {
  familyId: string
  user: User
  role: Role
  now: Date
}

/** Adds a member or takes one back; undefined when they are one already. */
export async function addMember(
  tx: Tx,
  joining: Joining,
): Promise<{ mver: number; event: Change } | undefined> {
  const { familyId, user, role, now } = joining
  const [row] = await tx.query<{ version: number }>(
    `INSERT INTO family_members AS m (family_id, user_id, role, joined_at) VALUES ($1::uuid, $2::uuid, $3::member_role, $4)
     ON CONFLICT (family_id, user_id) DO UPDATE
       SET role = excluded.role, joined_at = excluded.joined_at, removed_at = NULL, version = m.version + 1
       WHERE m.removed_at IS NOT NULL
     RETURNING version`,
    [familyId, user.id, role, now],
  )
  return row && { mver: row.version, event: memberJoined(joining, row.version) }
}

const memberJoined = ({ familyId, user, role }: Joining, version: number): Change => ({
  action: 'member.joined',
  entityType: 'member',
  entityId: `${familyId}:${user.id}`,
  version,
  newValues: { family_id: familyId, user_id: user.id, display_name: user.display_name, role },
})

/** The families of a user, the one joined first at the front. */
export const listMemberships = (tx: Tx, userId: string): Promise<Membership[]> =>
  tx.query<Membership>(
    `SELECT f.id, f.name, m.role, m.version AS mver FROM family_members m JOIN families f ON f.id = m.family_id
     WHERE m.user_id = $1::uuid AND m.removed_at IS NULL ORDER BY m.joined_at, f.id`,
    [userId],
  )

export interface FamilyRow extends FamilyOfUser {
  version: number
  createdAt: Date
}

export const familyView = ({ id, name, role, createdAt }: FamilyRow): Family => ({
  id,
  name,
  role,
  created_at: createdAt.toISOString(),
})

const familyRows = `SELECT f.id, f.name, m.role, f.version, f.created_at AS "createdAt"
  FROM family_members m JOIN families f ON f.id = m.family_id WHERE m.removed_at IS NULL AND m.user_id = $1::uuid`

/** A family as one of its members sees it; the membership was checked. */
export async function getFamilyOf(tx: Tx, familyId: string, userId: string): Promise<FamilyRow> {
  const [family] = await tx.query<FamilyRow>(`${familyRows} AND f.id = $2::uuid`, [userId, familyId])
  return family!
}

/** The families of a user, the one joined first at the front, from behind the family `after` on. */
export const listFamiliesOf = (
  tx: Tx,
  { userId, after, limit }: { userId: string; after: string | undefined; limit: number },
): Promise<FamilyRow[]> =>
  tx.query<FamilyRow>(
    `${familyRows} AND ($2::uuid IS NULL OR (m.joined_at, f.id) >
       (SELECT joined_at, family_id FROM family_members WHERE family_id = $2::uuid AND user_id = $1::uuid))
     ORDER BY m.joined_at, f.id LIMIT $3`,
    [userId, after ?? null, limit],
  )

export async function renameFamily(tx: Tx, family: FamilyRow, name: string): Promise<Change> {
  const version = family.version + 1
  await tx.query('UPDATE families SET name = $2, version = $3 WHERE id = $1::uuid', [
    family.id,
    name,
    version,
  ])
  return {
    action: 'family.updated',
    entityType: 'family',
    entityId: family.id,
    version,
    oldValues: { family_id: family.id, name: family.name },
    newValues: { family_id: family.id, name },
  }
}
