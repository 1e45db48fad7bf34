import { Problem } from '@common-purse/contracts'
import type { Handler } from '@common-purse/kit/service-app'
import type { Commit } from '../commit.ts'
import { ensureMembership } from '../families/ensure-membership.ts'
import type { StartSession } from '../sessions/start-session.ts'
import { lockUserOf } from './telegram-store.ts'

/** A session for the user behind a linked Telegram account; the bot asks again only when it lost the one it had. */
export const authenticateTelegram =
  ({
    commit,
    startSession,
  }: {
    commit: Commit
    startSession: StartSession
  }): Handler<'authenticateTelegram'> =>
  async ({ body, context }) => {
    const session = await commit(async (tx) => {
      const user = await lockUserOf(tx, body.telegram_id)
      if (!user) throw new Problem('telegram_not_linked', 'Nobody has linked this Telegram account')
      const now = tx.now()
      const { membership, events } = await ensureMembership(tx, user, now)
      return await startSession(tx, { user, membership, client: 'bot', context, before: events, now })
    })
    return { body: session }
  }
