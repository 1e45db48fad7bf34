import { Problem } from '@common-purse/contracts'
import type { Membership } from '../families/family-store.ts'

/**
 * The family a session works in: the one asked for, or else the one it is in, or else the first one joined.
 * Throws `not_found` when one was asked for that the user is not in. Undefined when they are in none.
 */
export function chooseMembership(
  memberships: readonly Membership[],
  wanted: string | undefined,
  current?: string,
): Membership | undefined {
  const find = (familyId: string | undefined) => memberships.find(({ id }) => id === familyId)
  if (wanted === undefined) return find(current) ?? memberships[0]
  const membership = find(wanted)
  if (!membership) throw new Problem('not_found', 'You are in no family with this id')
  return membership
}
