import type { User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { addMember, insertFamily, type Membership, type NewFamily } from './family-store.ts'

/** Makes a family with the user as its owner, and answers the events of it. */
export async function foundFamily(
  tx: Tx,
  family: NewFamily,
  user: User,
): Promise<{ membership: Membership; events: Change[] }> {
  const created = await insertFamily(tx, family)
  const joined = await addMember(tx, { familyId: family.id, user, role: 'owner', now: family.now })
  const membership = { id: family.id, name: family.name, role: 'owner' as const, mver: joined!.mver }
  return { membership, events: [created, joined!.event] }
}
