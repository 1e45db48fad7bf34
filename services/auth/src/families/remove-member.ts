import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { decideRemoval } from './decide-member-change.ts'
import { countOwners, findMember, lockFamily, removeFromFamily } from './member-store.ts'
import { requireMember } from './require-member.ts'
import { revokeBeyondReach } from './revoke-beyond-reach.ts'

/** Removes a member, or lets the caller leave. Invitations made in that person's name are taken back. */
export const removeMember =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'removeMember'> =>
  ({ params, caller, context, idempotency }) =>
    commitOnce(idempotency, 204, async (tx) => {
      await lockFamily(tx, params.id, caller.userId)
      const actor = await requireMember(tx, caller, params.id, 'member.read')
      const member = await findMember(tx, params.id, params.user_id)
      if (!member) throw new Problem('not_found', 'There is no such member in this family')
      decideRemoval({
        actor,
        target: member.role,
        self: params.user_id === caller.userId,
        owners: await countOwners(tx, params.id),
      })
      const now = tx.now()
      const revoked = await revokeBeyondReach(tx, member, undefined, now)
      const removed = await removeFromFamily(tx, member, now)
      await emit(tx, { ...originOf(caller, context), familyId: params.id }, [removed, ...revoked], now)
      return undefined
    })
