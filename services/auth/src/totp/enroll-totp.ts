import { Problem } from '@common-purse/contracts'
import type { Handler } from '@common-purse/kit/service-app'
import type { CommitOnce } from '../commit.ts'
import { lockSignedIn } from '../users/credentials-store.ts'
import { proveAgain, type ProveAgainDeps } from './prove-again.ts'
import { seal, unseal } from './seal.ts'
import { newTotpSecret, otpauthUri } from './totp-codes.ts'
import { findTotp, putPendingSecret } from './totp-store.ts'

interface Deps extends ProveAgainDeps {
  commitOnce: CommitOnce
}

/**
 * Gives out a secret for an authenticator. Nothing has changed until a code of it is verified, so there is no event yet.
 * The answer is kept for a repeat as it is kept in the table: encrypted.
 */
export const enrollTotp =
  (deps: Deps): Handler<'enrollTotp'> =>
  async (incoming) => {
    const { caller, idempotency } = incoming
    const masters = deps.config.SIGNATURE_MASTER_SECRETS
    const { account, earlier } = await proveAgain(deps, incoming)
    const reply =
      earlier ??
      (await deps.commitOnce(idempotency, 201, async (tx) => {
        await lockSignedIn(tx, caller)
        if ((await findTotp(tx, caller.userId))?.enabled)
          throw new Problem('totp_already_enabled', 'Turn two-step sign-in off before you enrol again')
        const sealed = seal(masters, caller.userId, newTotpSecret())
        await putPendingSecret(tx, caller.userId, sealed)
        return { sealed }
      }))
    const { sealed } = reply.body as { sealed: string }
    const secret = unseal(masters, caller.userId, sealed)
    if (secret === undefined) throw new Problem('not_found', 'This secret cannot be shown again; enrol anew')
    return { ...reply, body: { secret, otpauth_uri: otpauthUri(secret, account.user.email) } }
  }
