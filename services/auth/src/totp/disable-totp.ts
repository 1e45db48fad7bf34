import { Problem } from '@common-purse/contracts'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { lockSignedIn } from '../users/credentials-store.ts'
import { proveAgain, type ProveAgainDeps } from './prove-again.ts'
import { deleteTotp, findTotp } from './totp-store.ts'
import { totpChanged } from './verify-totp.ts'

interface Deps extends ProveAgainDeps {
  commitOnce: CommitOnce
}

/** Turns two-step sign-in off and forgets the secret and the recovery codes. Sessions go on. */
export const disableTotp =
  (deps: Deps): Handler<'disableTotp'> =>
  async (incoming) => {
    const { caller, context, idempotency } = incoming
    const { earlier } = await proveAgain(deps, incoming)
    if (earlier) return { ...earlier, body: undefined }
    return await deps.commitOnce(idempotency, 204, async (tx) => {
      await lockSignedIn(tx, caller)
      if (!(await findTotp(tx, caller.userId))?.enabled)
        throw new Problem('not_found', 'Two-step sign-in is not on')
      await deleteTotp(tx, caller.userId)
      const now = tx.now()
      await emit(tx, originOf(caller, context), [await totpChanged(tx, caller, 'user.totp_disabled')], now)
      return undefined
    })
  }
