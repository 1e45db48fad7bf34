import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { decideRoleChange } from './decide-member-change.ts'
import { countOwners, findMember, lockFamily, memberView, setRole } from './member-store.ts'
import { requireMember } from './require-member.ts'
import { revokeBeyondReach } from './revoke-beyond-reach.ts'

/** Gives a member another role. What they may not give away any more, their open invitations do not give either. */
export const updateMember =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'updateMember'> =>
  ({ params, body, caller, context, idempotency }) =>
    commitOnce(idempotency, 200, async (tx) => {
      await lockFamily(tx, params.id, caller.userId)
      const actor = await requireMember(tx, caller, params.id, 'member.role.update')
      const member = await findMember(tx, params.id, params.user_id)
      if (!member) throw new Problem('not_found', 'There is no such member in this family')
      const situation = {
        actor,
        target: member.role,
        self: params.user_id === caller.userId,
        owners: await countOwners(tx, params.id),
      }
      if (decideRoleChange(situation, body.role)) {
        const now = tx.now()
        const revoked = await revokeBeyondReach(tx, member, body.role, now)
        const changed = await setRole(tx, member, body.role)
        await emit(tx, { ...originOf(caller, context), familyId: params.id }, [changed, ...revoked], now)
      }
      return memberView({ ...member, role: body.role })
    })
