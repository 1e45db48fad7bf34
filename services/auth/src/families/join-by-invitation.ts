import { Problem, type User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { addMember, type Membership } from './family-store.ts'
import { markInvitationUsed, takeInvitation } from './invitation-store.ts'

/** Uses an invitation up and makes the user a member of its family. */
export async function joinByInvitation(
  tx: Tx,
  token: string,
  user: User,
  now: Date,
): Promise<{ membership: Membership; event: Change }> {
  const invitation = await takeInvitation(tx, token, user.email)
  const { familyId, role } = invitation
  const joined = await addMember(tx, { familyId, user, role, now })
  if (!joined) throw new Problem('already_member', `You are a member of ${invitation.familyName} already`)
  await markInvitationUsed(tx, invitation.id, user.id, now)
  const { newValues, ...event } = joined.event
  return {
    membership: { id: familyId, name: invitation.familyName, role, mver: joined.mver },
    event: { ...event, newValues: { ...newValues, invitation_id: invitation.id } },
  }
}
