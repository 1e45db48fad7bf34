import type { Member, Role } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'

export interface MemberRow {
  familyId: string
  userId: string
  displayName: string
  role: Role
  version: number
  joinedAt: Date
}

/** Lets one change of who is in a family, and as what, run at a time. Nothing happens for who is not in it. */
export const lockFamily = (tx: Tx, familyId: string, userId: string) =>
  tx.query(
    `SELECT 1 FROM families f WHERE f.id = $1::uuid AND EXISTS (
       SELECT 1 FROM family_members WHERE family_id = $1::uuid AND user_id = $2::uuid AND removed_at IS NULL)
     FOR NO KEY UPDATE OF f`,
    [familyId, userId],
  )

export const memberView = ({ userId, displayName, role, joinedAt }: MemberRow): Member => ({
  user_id: userId,
  display_name: displayName,
  role,
  joined_at: joinedAt.toISOString(),
})

const memberRows = `SELECT m.family_id AS "familyId", m.user_id AS "userId", u.display_name AS "displayName", m.role,
    m.version, m.joined_at AS "joinedAt"
  FROM family_members m JOIN users u ON u.id = m.user_id WHERE m.family_id = $1::uuid AND m.removed_at IS NULL`

/** In the order in which they came, from behind the member `after` on. */
export const listMembersOf = (
  tx: Tx,
  { familyId, after, limit }: { familyId: string; after: string | undefined; limit: number },
): Promise<MemberRow[]> =>
  tx.query<MemberRow>(
    `${memberRows} AND ($2::uuid IS NULL OR (m.joined_at, m.user_id) >
       (SELECT joined_at, user_id FROM family_members WHERE family_id = $1::uuid AND user_id = $2::uuid))
     ORDER BY m.joined_at, m.user_id LIMIT $3`,
    [familyId, after ?? null, limit],
  )

/** A member as they are; their name stays until the change of the membership is made, which tells it. */
export async function findMember(tx: Tx, familyId: string, userId: string): Promise<MemberRow | undefined> {
  const [member] = await tx.query<MemberRow>(`${memberRows} AND m.user_id = $2::uuid FOR SHARE OF u`, [
    familyId,
    userId,
  ])
  return member
}

export async function countOwners(tx: Tx, familyId: string): Promise<number> {
  const [row] = await tx.query<{ owners: number }>(
    `SELECT count(*)::int AS owners FROM family_members
     WHERE family_id = $1::uuid AND role = 'owner' AND removed_at IS NULL`,
    [familyId],
  )
  return row!.owners
}

/** Tokens of an earlier version of the membership stop working when gateways hear of the event. */
export async function setRole(tx: Tx, member: MemberRow, role: Role): Promise<Change> {
  const after = { ...member, role, version: member.version + 1 }
  await tx.query(
    `UPDATE family_members SET role = $3::member_role, version = $4 WHERE family_id = $1::uuid AND user_id = $2::uuid`,
    [member.familyId, member.userId, role, after.version],
  )
  return {
    action: 'member.role_changed',
    ...entityOf(after),
    oldValues: valuesOf(member),
    newValues: valuesOf(after),
  }
}

export async function removeFromFamily(tx: Tx, member: MemberRow, now: Date): Promise<Change> {
  const after = { ...member, version: member.version + 1 }
  await tx.query(
    `UPDATE family_members SET removed_at = $3, version = $4 WHERE family_id = $1::uuid AND user_id = $2::uuid`,
    [member.familyId, member.userId, now, after.version],
  )
  return { action: 'member.removed', ...entityOf(after), oldValues: valuesOf(member) }
}

const entityOf = ({ familyId, userId, version }: MemberRow) => ({
  entityType: 'member',
  entityId: `${familyId}:${userId}`,
  version,
})

const valuesOf = ({ familyId, userId, displayName, role }: MemberRow) => ({
  family_id: familyId,
  user_id: userId,
  display_name: displayName,
  role,
})
