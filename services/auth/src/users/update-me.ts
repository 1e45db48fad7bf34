import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { readMe } from './get-me.ts'
import { getUser, lockUser, renameUser } from './user-store.ts'

/** Changes one's own name. */
export const updateMe =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'updateMe'> =>
  ({ body, caller, context, idempotency }) =>
    commitOnce(idempotency, 200, async (tx) => {
      await lockUser(tx, caller.userId)
      const user = await getUser(tx, caller.userId)
      if (user.display_name !== body.display_name) {
        const renamed = await renameUser(tx, user, body.display_name)
        await emit(tx, originOf(caller, context), [renamed])
      }
      return await readMe(tx, caller)
    })
