import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import { endSession, lockRunning } from './session-store.ts'

/** Ends this session, the others or all; each end is an event in the family that its session works in. */
export const logout =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'logout'> =>
  ({ body, caller, context, idempotency }) =>
    commitOnce(idempotency, 204, async (tx) => {
      const now = tx.now()
      for (const session of await lockRunning(tx, caller.userId, body.scope, caller.sessionId)) {
        const ended = await endSession(tx, session, 'logout', now)
        await emit(tx, { ...originOf(caller, context), familyId: session.familyId }, [ended], now)
      }
      return undefined
    })
