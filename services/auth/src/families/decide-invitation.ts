import { Problem, type Role, roles } from '@common-purse/contracts'

/** Nobody gives away more than they have. Throws `permission_denied` for a role above the inviter's own. */
export function decideInvitation(inviter: Role, role: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(inviter)) return
  const able = roles.slice(0, roles.indexOf(role) + 1).join(', ')
  throw new Problem(
    'permission_denied',
    `member.invite reaches up to one's own role: ${able} may invite somebody as ${role}; you are ${inviter}`,
  )
}
