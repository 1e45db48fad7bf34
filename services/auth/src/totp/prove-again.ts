import { type EnrollTotp, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { IdempotentRequest } from '@common-purse/kit/idempotency'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { FindEarlier } from '../commit.ts'
import type { Config } from '../config.ts'
import {
  recordFailure,
  type Regulated,
  regulatedBy,
  type RegulationSettings,
  requireBelowLimits,
} from '../sessions/login-regulation.ts'
import { getSignedIn, lockSignedIn, type SignedIn } from '../users/credentials-store.ts'
import { provePassword, type ProvePasswordDeps } from '../users/prove-password.ts'
import { decideProof } from './decide-proof.ts'
import { useSecondFactor } from './use-second-factor.ts'

export interface ProveAgainDeps extends ProvePasswordDeps {
  config: RegulationSettings & Pick<Config, 'SIGNATURE_MASTER_SECRETS' | 'SUDO_SECONDS'>
}

export interface Asking {
  /** What the request brought along: `password` and `totp`. */
  body: EnrollTotp
  caller: Caller
  context: RequestContext
  idempotency: IdempotentRequest | undefined
}

/**
 * Makes sure that it is really the user who wants to change how they sign in, for a session may have been left open.
 * Answers the account, or the answer of an earlier run of this request. Throws `credentials_invalid` that says what is
 * needed when it is missing, and counts what is wrong like a failed sign-in.
 */
export async function proveAgain(
  deps: ProveAgainDeps,
  asking: Asking,
): Promise<{ account: SignedIn; earlier: Awaited<ReturnType<FindEarlier>> }> {
  const { body, caller, context, idempotency } = asking
  const { config } = deps
  const place = { ip: context.ip, days: config.KNOWN_ADDRESS_DAYS }
  const account = await getSignedIn(deps.db, caller, place)
  // A code is used up by the first run, so its repeat has to be known before.
  const earlier = await deps.findEarlier(idempotency)
  const needed = decideProof({
    client: caller.client,
    secondsOld: account.session.secondsOld,
    sudoSeconds: config.SUDO_SECONDS,
    totpEnabled: account.totpEnabled,
    codeGiven: account.session.secondFactor !== null,
  })
  if (earlier || needed === 'none') return { account, earlier }
  const password = requireGiven(body, needed)
  const attempt = { email: account.user.email, ip: context.ip, known: account.known }
  const regulated = regulatedBy(config, attempt)
  const proven = await provePassword(deps, { account, regulated, password, idempotency })
  if (!proven && needed === 'password_and_totp') await proveCode(deps, asking, account, regulated)
  return { account, earlier: proven }
}

function requireGiven({ password, totp }: EnrollTotp, needed: 'password' | 'password_and_totp'): string {
  const words =
    needed === 'password'
      ? 'Say once more who you are: send `password`'
      : 'Say once more who you are: send `password`, and in `totp` a code of your authenticator or a recovery code'
  if (password === undefined || (needed === 'password_and_totp' && totp === undefined))
    throw new Problem('credentials_invalid', words)
  return password
}

/** One guess at a time: credentials are locked while a code is checked and, when it is wrong, counted. */
async function proveCode(
  deps: ProveAgainDeps,
  { body, caller }: Asking,
  account: SignedIn,
  regulated: Regulated[],
): Promise<void> {
  const refusal = await deps.commit(async (tx) => {
    if ((await lockSignedIn(tx, caller)) !== account.passwordHash)
      return new Problem('credentials_invalid', 'The password was changed a moment ago')
    await requireBelowLimits(tx, regulated)
    const masters = deps.config.SIGNATURE_MASTER_SECRETS
    if ((await useSecondFactor(tx, masters, caller.userId, body.totp)) !== 'wrong') return undefined
    await recordFailure(tx, regulated)
    return new Problem('credentials_invalid', 'The code is wrong, too old or was used before')
  })
  if (refusal) throw refusal
}
