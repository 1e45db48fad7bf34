import type { Role } from '../../../libs/contracts/src/index.ts'

export const roles = ['owner', 'adult', 'member', 'child', 'read_only'] as const satisfies readonly Role[]

/**
 * The matrix of roles and permissions as the product promises it, written out once more: the contract's own table is
 * under test here. Columns are {@link roles}; x allowed, s only what is one's own or shared with one, - not allowed.
 */
export const promised = {
  'family.read': 'xxxxx',
  'member.read': 'xxxxx',
  'policy.read': 'xxxxx',
  'audit.verify': 'xxxxx',
  'family.update': 'x----',
  'family.delete': 'x----',
  'member.role.update': 'x----',
  'ownership.transfer': 'x----',
  'policy.update': 'x----',
  'session.revoke.any': 'x----',
  'member.invite': 'xx---',
  'member.remove': 'xx---',
  'member.limit.update': 'xx---',
  'account.create': 'xxx--',
  'account.read.all': 'xx--x',
  'transaction.read.all': 'xx--x',
  'account.read.own': 'xxxxs',
  'transaction.read.own': 'xxxxs',
  'account.update': 'xxs--',
  'account.share': 'xxs--',
  'account.close': 'xx---',
  'transaction.create.own': 'xxxx-',
  'transaction.create.any': 'xx---',
  'transaction.approve': 'xx---',
  'transaction.reject': 'xx---',
  'transaction.cancel.own': 'xxxx-',
  'transaction.reverse.own': 'xxx--',
  'transaction.reverse.any': 'xx---',
  'transaction.overdraft.force': 'x----',
  'category.manage': 'xxs--',
  'budget.manage': 'xxs--',
  'recurring.manage': 'xxs--',
  'report.read': 'xxxsx',
  'budget.read': 'xxxsx',
  'data.import': 'xx---',
  'data.export': 'xx---',
  'audit.read.all': 'xx---',
  'audit.read.own': 'xxxxx',
} as const
export type Promised = keyof typeof promised

export const cells = (Object.keys(promised) as Promised[]).flatMap((permission) =>
  roles.map((role, column) => ({
    permission,
    role,
    letter: promised[permission][column] as 'x' | 's' | '-',
  })),
)
