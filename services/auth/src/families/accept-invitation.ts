import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import { getUser, lockUser } from '../users/user-store.ts'
import { familyOfUser } from './family-store.ts'
import { joinByInvitation } from './join-by-invitation.ts'

/** Joins a further family; the session stays in its own until it is refreshed with `family_id`. */
export const acceptInvitation =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'acceptInvitation'> =>
  ({ body, caller, context, idempotency }) =>
    commitOnce(idempotency, 200, async (tx) => {
      const now = tx.now()
      await lockUser(tx, caller.userId) // the event of joining tells the name of now
      const user = await getUser(tx, caller.userId)
      const { membership, event } = await joinByInvitation(tx, body.token, user, now)
      await emit(tx, { ...originOf(caller, context), familyId: membership.id }, [event], now)
      return { family: familyOfUser(membership) }
    })
