import { randomUUID } from 'node:crypto'
import type { User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { chooseMembership } from '../sessions/choose-membership.ts'
import { lockUser } from '../users/user-store.ts'
import { listMemberships, type Membership } from './family-store.ts'
import { foundFamily } from './found-family.ts'

/**
 * The family somebody signs in to. Who was removed from the last one gets one of their own, named after them: without a
 * family nobody could sign in to accept an invitation to another.
 */
export async function ensureMembership(
  tx: Tx,
  user: User,
  now: Date,
): Promise<{ membership: Membership; events: Change[] }> {
  const present = chooseMembership(await listMemberships(tx, user.id), undefined)
  if (present) return { membership: present, events: [] }
  await lockUser(tx, user.id)
  const made = chooseMembership(await listMemberships(tx, user.id), undefined)
  if (made) return { membership: made, events: [] }
  return await foundFamily(tx, { id: randomUUID(), name: user.display_name, now }, user)
}
