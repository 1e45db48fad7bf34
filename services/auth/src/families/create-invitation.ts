import { randomUUID } from 'node:crypto'
import { Problem } from '@common-purse/contracts'
import type { Change } from '@common-purse/kit/outbox'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import type { Config } from '../config.ts'
import { currentVersion, invitationToken } from '../keys/one-time-secrets.ts'
import { decideInvitation } from './decide-invitation.ts'
import { insertInvitation, type NewInvitation } from './invitation-store.ts'
import { lockFamily } from './member-store.ts'
import { requireMember } from './require-member.ts'

interface Deps {
  commitOnce: CommitOnce
  config: Pick<Config, 'SIGNATURE_MASTER_SECRETS' | 'INVITATION_SECONDS'>
}

const memberInvited = ({ id, familyId, role, email }: NewInvitation): Change => ({
  action: 'member.invited',
  entityType: 'invitation',
  entityId: id,
  version: 1,
  // An address is somebody's for good, and the trail cannot forget: it says only that there is one.
  newValues: { invitation_id: id, family_id: familyId, role, for_email: email !== undefined },
})

/** Invites somebody. The token is derived, so that a repeated request can be answered though no token is stored. */
export const createInvitation = ({ commitOnce, config }: Deps): Handler<'createInvitation'> => {
  const masters = config.SIGNATURE_MASTER_SECRETS
  return async ({ params, body, caller, context, idempotency }) => {
    const reply = await commitOnce(idempotency, 201, async (tx) => {
      await lockFamily(tx, params.id, caller.userId) // or it could outlive the removal of who makes it
      const role = await requireMember(tx, caller, params.id, 'member.invite')
      decideInvitation(role, body.role)
      const now = tx.now()
      const id = randomUUID()
      const version = currentVersion(masters)
      const invitation = {
        id,
        familyId: params.id,
        role: body.role,
        email: body.email,
        token: invitationToken(masters, version, id)!,
        createdBy: caller.userId,
        now,
        expiresAt: new Date(now.getTime() + config.INVITATION_SECONDS * 1000),
      }
      await insertInvitation(tx, invitation)
      await emit(tx, { ...originOf(caller, context), familyId: params.id }, [memberInvited(invitation)], now)
      return { id, role: body.role, expires_at: invitation.expiresAt.toISOString(), key_version: version }
    })
    const { key_version, ...shown } = reply.body
    const token = invitationToken(masters, key_version, shown.id)
    if (token === undefined)
      throw new Problem('invitation_expired', 'This token cannot be shown again; invite anew')
    return { ...reply, body: { ...shown, token } }
  }
}
