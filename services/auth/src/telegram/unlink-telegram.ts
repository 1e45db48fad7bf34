import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { endSession, lockRunning } from '../sessions/session-store.ts'
import { lockUser } from '../users/user-store.ts'
import { releaseIdentity } from './telegram-store.ts'

/** Unlinks the caller's Telegram account; whoever is signed in through it is signed out. */
export const unlinkTelegram =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'unlinkTelegram'> =>
  ({ caller, context, idempotency }) =>
    commitOnce(idempotency, 204, async (tx) => {
      await lockUser(tx, caller.userId)
      const unbound = await releaseIdentity(tx, caller.userId)
      if (!unbound) throw new Problem('not_found', 'You have not linked a Telegram account')
      const now = tx.now()
      const origin = originOf(caller, context)
      await emit(tx, origin, [unbound], now)
      const running = await lockRunning(tx, caller.userId, 'global', caller.sessionId)
      for (const session of running.filter(({ client }) => client === 'bot')) {
        const ended = await endSession(tx, session, 'telegram_unlinked', now)
        await emit(tx, { ...origin, familyId: session.familyId }, [ended], now)
      }
      return undefined
    })
