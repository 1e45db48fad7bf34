import { Problem, type Permission, type Role } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { requireAnyPermission } from '@common-purse/kit/service-app'

/** The caller's role in a family; throws `not_found` when they are not a member, whether the family exists or not. */
export async function requireMember(
  tx: Tx,
  caller: Caller,
  familyId: string,
  permission: Permission,
): Promise<Role> {
  const [member] = await tx.query<{ role: Role }>(
    `SELECT role FROM family_members WHERE family_id = $1::uuid AND user_id = $2::uuid AND removed_at IS NULL`,
    [familyId, caller.userId],
  )
  if (!member) throw new Problem('not_found', 'You are in no family with this id')
  requireAnyPermission(member.role, [permission])
  return member.role
}
