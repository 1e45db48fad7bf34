import * as z from 'zod'

export const roles = ['owner', 'adult', 'member', 'child', 'read_only'] as const
export const Role = z.enum(roles).meta({ id: 'Role' })
export type Role = z.output<typeof Role>

/** x: allowed; s: only for what is one's own or shared with one; -: not allowed. Columns are {@link roles}. */
const matrix = {
  'family.read': 'x x x x x',
  'member.read': 'x x x x x',
  'policy.read': 'x x x x x',
  'audit.verify': 'x x x x x',
  'family.update': 'x - - - -',
  'family.delete': 'x - - - -',
  'member.role.update': 'x - - - -',
  'ownership.transfer': 'x - - - -',
  'policy.update': 'x - - - -',
  'session.revoke.any': 'x - - - -',
  'member.invite': 'x x - - -',
  'member.remove': 'x x - - -',
  'member.limit.update': 'x x - - -',
  'account.create': 'x x x - -',
  'account.read.all': 'x x - - x',
  'transaction.read.all': 'x x - - x',
  'account.read.own': 'x x x x s',
  'transaction.read.own': 'x x x x s',
  'account.update': 'x x s - -',
  'account.share': 'x x s - -',
  'account.close': 'x x - - -',
  'transaction.create.own': 'x x x x -',
  'transaction.create.any': 'x x - - -',
  'transaction.approve': 'x x - - -',
  'transaction.reject': 'x x - - -',
  'transaction.cancel.own': 'x x x x -',
  'transaction.reverse.own': 'x x x - -',
  'transaction.reverse.any': 'x x - - -',
  'transaction.overdraft.force': 'x - - - -',
  'category.manage': 'x x s - -',
  'budget.manage': 'x x s - -',
  'recurring.manage': 'x x s - -',
  'report.read': 'x x x s x',
  'budget.read': 'x x x s x',
  'data.import': 'x x - - -',
  'data.export': 'x x - - -',
  'audit.read.all': 'x x - - -',
  'audit.read.own': 'x x x x x',
} as const
export type Permission = keyof typeof matrix
export type Reach = 'all' | 'own'

export const permissions = Object.keys(matrix) as Permission[]

const reaches = { x: 'all', s: 'own', '-': undefined } as const

/** How far a permission reaches for a role, or undefined when the role does not have it. */
export function reachOf(role: Role, permission: Permission): Reach | undefined {
  const cell = matrix[permission].split(' ')[roles.indexOf(role)] as keyof typeof reaches
  return reaches[cell]
}

export const hasPermission = (role: Role, permission: Permission): boolean =>
  reachOf(role, permission) !== undefined

export const rolesWith = (permission: Permission): Role[] =>
  roles.filter((role) => hasPermission(role, permission))

const Cell = z.enum(['all', 'own', 'none'])

/** The whole matrix, for `GET /permissions`. */
export const PermissionMatrix = z
  .object({
    roles: z.array(Role),
    permissions: z.array(
      z.object({
        permission: z.string(),
        roles: z.object({ owner: Cell, adult: Cell, member: Cell, child: Cell, read_only: Cell }),
      }),
    ),
  })
  .meta({ id: 'PermissionMatrix' })

export const permissionMatrix = (): z.output<typeof PermissionMatrix> => ({
  roles: [...roles],
  permissions: permissions.map((permission) => ({
    permission,
    roles: Object.fromEntries(roles.map((role) => [role, reachOf(role, permission) ?? 'none'])) as Record<
      Role,
      Reach | 'none'
    >,
  })),
})
