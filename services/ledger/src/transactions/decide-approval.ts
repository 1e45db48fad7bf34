import { hasPermission, Problem, type Role } from '@common-purse/contracts'
import type { Member } from '../members/member-store.ts'
import type { Waiting } from './transaction.ts'

export interface Policy {
  /** Minor units above which this caller's spending waits; undefined for no limit. */
  threshold: bigint | undefined
  /** How long it may wait. */
  expirySeconds: number
}

/**
 * Pure: nothing when the spending posts at once, else why it waits. What the caller spent without approval in the
 * window counts with it, so that splitting does not help.
 */
export function decideWaiting(
  amount: bigint,
  spent: bigint,
  policy: Policy,
  now: Date,
): Omit<Waiting, 'required'> | null {
  const { threshold } = policy
  if (threshold === undefined || spent + amount <= threshold) return null
  return {
    why: amount > threshold ? 'above_threshold' : 'rolling_sum',
    threshold,
    expiresAt: new Date(now.getTime() + policy.expirySeconds * 1000),
  }
}

/** Pure: how many approvals are needed: the quorum, or fewer where not so many others may approve; at least one. */
export function decideRequired(quorum: number, authorId: string, members: Member[]): number {
  const others = members.filter(
    ({ userId, role }) => userId !== authorId && hasPermission(role, 'transaction.approve'),
  )
  return Math.max(1, Math.min(quorum, others.length))
}

const ownersOf = (members: Member[]) => members.filter(({ role }) => role === 'owner')

/** Pure: who may approve what `authorId` asked for. A family's only owner may approve their own. */
export function approversFor(authorId: string, members: Member[]): Member[] {
  const owners = ownersOf(members)
  const soleOwner = owners.length === 1 ? owners[0]!.userId : undefined
  return members.filter(
    ({ userId, role }) =>
      hasPermission(role, 'transaction.approve') && (userId !== authorId || userId === soleOwner),
  )
}

/** Pure: throws `self_approval` unless somebody else asks, or the family's only owner does. Answers whether it is their own. */
export function decideApprover(
  authorId: string,
  approver: { userId: string; role: Role },
  members: Member[],
): boolean {
  if (approver.userId !== authorId) return false
  // As long as nobody has told of this family's owners, there may be others.
  const owners = ownersOf(members)
  if (approver.role === 'owner' && owners.length === 1 && owners[0]!.userId === approver.userId) return true
  throw new Problem(
    'self_approval',
    'Somebody else with transaction.approve has to approve what you asked for',
  )
}
