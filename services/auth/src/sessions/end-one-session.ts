import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import { type Handler, requireAnyPermission } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { lockRunningById } from './running-sessions.ts'
import { endSession } from './session-store.ts'

/** Ends one of the caller's sessions or, with `session.revoke.any`, a member's that works in the caller's family. */
export const endOneSession =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'endSession'> =>
  ({ params, caller, context, idempotency }) =>
    commitOnce(idempotency, 204, async (tx) => {
      const session = await lockRunningById(tx, params.id)
      const own = session?.userId === caller.userId
      if (!session || (!own && session.familyId !== caller.familyId))
        throw new Problem('not_found', 'No such session is running')
      if (!own) requireAnyPermission(caller.role, ['session.revoke.any'])
      const now = tx.now()
      const ended = await endSession(tx, session, 'revoked', now)
      await emit(tx, { ...originOf(caller, context), familyId: session.familyId }, [ended], now)
      return undefined
    })
