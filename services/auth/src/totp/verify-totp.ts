import { Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { VersionedSecrets } from '@common-purse/kit/config'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, type DatedTx, emit } from '../commit.ts'
import {
  recordFailure,
  type Regulated,
  regulatedBy,
  requireBelowLimits,
} from '../sessions/login-regulation.ts'
import { setSecondFactor } from '../sessions/session-store.ts'
import { getSignedIn, lockSignedIn, nextUserVersion } from '../users/credentials-store.ts'
import type { ProveAgainDeps } from './prove-again.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import { seal, unseal } from './seal.ts'
import { findUnusedStep } from './totp-codes.ts'
import { enableTotp, findTotp } from './totp-store.ts'

interface Deps extends ProveAgainDeps {
  commitOnce: CommitOnce
}

/** Turns two-step sign-in on. The recovery codes are kept as hashes, and for a repeat of this request encrypted. */
export const verifyTotp =
  (deps: Deps): Handler<'verifyTotp'> =>
  async ({ body, caller, context, idempotency }) => {
    const { config } = deps
    const masters = config.SIGNATURE_MASTER_SECRETS
    const place = { ip: context.ip, days: config.KNOWN_ADDRESS_DAYS }
    const { user, known } = await getSignedIn(deps.db, caller, place)
    const earlier = await deps.findEarlier(idempotency)
    const attempt = {
      code: body.code,
      caller,
      regulated: regulatedBy(config, { email: user.email, ip: context.ip, known }),
    }
    if (!earlier) await requireRightCode(deps, attempt)
    const reply =
      earlier ??
      (await deps.commitOnce(idempotency, 200, async (tx) => {
        await lockSignedIn(tx, caller)
        const step = await findStep(tx, masters, caller, body.code)
        if (step === undefined) throw wrong()
        const now = tx.now()
        const recoveryCodes = newRecoveryCodes()
        await enableTotp(tx, caller.userId, { step, recoveryCodes, now })
        await setSecondFactor(tx, caller.sessionId, 'totp') // this session has given a code
        await emit(tx, originOf(caller, context), [await totpChanged(tx, caller, 'user.totp_enabled')], now)
        return { sealed: seal(masters, caller.userId, JSON.stringify(recoveryCodes)) }
      }))
    const { sealed } = reply.body as { sealed: string }
    const codes = unseal(masters, caller.userId, sealed)
    if (codes === undefined) throw new Problem('not_found', 'These codes cannot be shown again; enrol anew')
    return { ...reply, body: { recovery_codes: JSON.parse(codes) as string[] } }
  }

const wrong = () => new Problem('credentials_invalid', 'The code is wrong or too old')

export async function totpChanged(
  tx: DatedTx,
  { userId }: Caller,
  action: 'user.totp_enabled' | 'user.totp_disabled',
) {
  const version = await nextUserVersion(tx, userId)
  return { action, entityType: 'user', entityId: userId, version, newValues: { user_id: userId } }
}

/** The step of a code of the secret that waits to be verified; throws when none does. */
async function findStep(
  tx: DatedTx,
  masters: VersionedSecrets,
  { userId }: Caller,
  code: string,
): Promise<number | undefined> {
  const totp = await findTotp(tx, userId)
  if (!totp) throw new Problem('not_found', 'Enrol an authenticator first')
  if (totp.enabled) throw new Problem('totp_already_enabled', 'Two-step sign-in is on already')
  const secret = unseal(masters, userId, totp.secret)
  if (secret === undefined) throw new Problem('not_found', 'Enrol your authenticator anew')
  return findUnusedStep(secret, code, { now: tx.now(), lastStep: totp.lastStep })
}

/** One guess at a time; a wrong one is counted, which the change itself could not do: it is undone when it is refused. */
async function requireRightCode(
  { commit, config }: Deps,
  { code, caller, regulated }: { code: string; caller: Caller; regulated: Regulated[] },
): Promise<void> {
  const refusal = await commit(async (tx) => {
    await lockSignedIn(tx, caller)
    await requireBelowLimits(tx, regulated)
    const step = await findStep(tx, config.SIGNATURE_MASTER_SECRETS, caller, code)
    if (step !== undefined) return undefined
    await recordFailure(tx, regulated)
    return wrong()
  })
  if (refusal) throw refusal
}
