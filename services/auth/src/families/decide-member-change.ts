import { Problem, type Role, roles } from '@common-purse/contracts'
import { requireAnyPermission } from '@common-purse/kit/service-app'

/** Who acts on whom, in a family with so many owners. */
export interface Situation {
  actor: Role
  target: Role
  self: boolean
  owners: number
}

const requireFurtherOwner = ({ target, owners }: Situation): void => {
  if (target === 'owner' && owners === 1)
    throw new Problem('last_owner', 'A family keeps at least one owner; make somebody else an owner first')
}

/** Whether the role is another one. Throws `permission_denied`, or `last_owner` when no owner would be left. */
export function decideRoleChange(situation: Situation, role: Role): boolean {
  const { actor, target } = situation
  requireAnyPermission(actor, ['member.role.update'])
  if (role === target) return false
  if (role === 'owner') requireAnyPermission(actor, ['ownership.transfer'])
  requireFurtherOwner(situation)
  return true
}

/** Everybody may leave; who removes others reaches up to their own role. Throws as {@link decideRoleChange}. */
export function decideRemoval(situation: Situation): void {
  const { actor, target, self } = situation
  if (!self) {
    requireAnyPermission(actor, ['member.remove'])
    if (roles.indexOf(target) < roles.indexOf(actor)) {
      const able = roles.slice(0, roles.indexOf(target) + 1).join(', ')
      throw new Problem(
        'permission_denied',
        `member.remove reaches up to one's own role: ${able} may remove somebody who is ${target}; you are ${actor}`,
      )
    }
  }
  requireFurtherOwner(situation)
}
