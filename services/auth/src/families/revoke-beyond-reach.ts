import { hasPermission, type Role, roles } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { lockOpenInvitationsOf, revokeInvitation } from './invitation-store.ts'
import type { MemberRow } from './member-store.ts'

/** Takes back the open invitations that their maker could not make any more; all of them without a role. */
export async function revokeBeyondReach(
  tx: Tx,
  member: MemberRow,
  role: Role | undefined,
  now: Date,
): Promise<Change[]> {
  const reaches = (given: Role) =>
    role !== undefined && hasPermission(role, 'member.invite') && roles.indexOf(given) >= roles.indexOf(role)
  const open = await lockOpenInvitationsOf(tx, member.familyId, member.userId)
  const revoked: Change[] = []
  for (const invitation of open.filter((one) => !reaches(one.role)))
    revoked.push(await revokeInvitation(tx, invitation, role ? 'inviter_demoted' : 'inviter_removed', now))
  return revoked
}
