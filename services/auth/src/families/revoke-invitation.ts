import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { lockInvitation, revokeInvitation as revoke } from './invitation-store.ts'
import { requireMember } from './require-member.ts'

/** Takes an invitation back, whoever of the family made it. */
export const revokeInvitation =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'revokeInvitation'> =>
  ({ params, caller, context, idempotency }) =>
    commitOnce(idempotency, 204, async (tx) => {
      await requireMember(tx, caller, params.id, 'member.invite')
      const invitation = await lockInvitation(tx, params.id, params.invitation_id)
      if (!invitation) throw new Problem('not_found', 'There is no such invitation in this family')
      if (invitation.past)
        throw new Problem('invitation_expired', 'The invitation has expired, was used or was taken back')
      const now = tx.now()
      const revoked = await revoke(tx, invitation, 'revoked', now)
      await emit(tx, { ...originOf(caller, context), familyId: params.id }, [revoked], now)
      return undefined
    })
