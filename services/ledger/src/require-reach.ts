import { type Permission, Problem, reachOf, type Role, roles } from '@common-purse/contracts'

/** Throws `permission_denied` unless the role's permission reaches this far: to everything, or to what is one's own. */
export function requireReach(role: Role, permission: Permission, isOwn: boolean): void {
  const reach = reachOf(role, permission)
  if (reach === 'all' || (reach === 'own' && isOwn)) return
  const holders = roles.filter((other) => reachOf(other, permission) === 'all').join(', ')
  const what = reach === 'own' ? ` for what is not yours` : ''
  throw new Problem(
    'permission_denied',
    `This needs the permission ${permission}${what}, which ${holders} have; you are ${role}`,
  )
}
