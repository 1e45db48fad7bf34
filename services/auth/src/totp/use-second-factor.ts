import type { VersionedSecrets } from '@common-purse/kit/config'
import type { DatedTx } from '../commit.ts'
import type { SecondFactor } from '../sessions/session-store.ts'
import { isSealedByCurrent, seal, unseal } from './seal.ts'
import { codeShape, findUnusedStep } from './totp-codes.ts'
import { findTotp, markStepUsed, type TotpSecret, useRecoveryCode } from './totp-store.ts'

/** off: the user has no authenticator. missing: they have, and gave nothing. wrong: no code, or a used one. */
export type SecondFactorOutcome = SecondFactor | 'off' | 'missing' | 'wrong'

/** Checks a code of the authenticator or a recovery code and uses it up. The user's credentials are locked. */
export async function useSecondFactor(
  tx: DatedTx,
  masters: VersionedSecrets,
  userId: string,
  given: string | undefined,
): Promise<SecondFactorOutcome> {
  const totp = await findTotp(tx, userId)
  if (!totp?.enabled) return 'off'
  if (given === undefined) return 'missing'
  const now = tx.now()
  const digits = given.replaceAll(/\s/g, '')
  if (!codeShape.test(digits))
    return (await useRecoveryCode(tx, userId, given, now)) ? 'recovery_code' : 'wrong'
  return (await useTotpCode(tx, masters, { userId, totp, code: digits, now })) ? 'totp' : 'wrong'
}

interface Use {
  userId: string
  totp: TotpSecret
  code: string
  now: Date
}

async function useTotpCode(tx: DatedTx, masters: VersionedSecrets, use: Use): Promise<boolean> {
  const { userId, totp, code, now } = use
  const secret = unseal(masters, userId, totp.secret)
  const step = secret && findUnusedStep(secret, code, { now, lastStep: totp.lastStep })
  if (!secret || !step) return false
  // An old master secret can be taken out of service once everybody has signed in.
  const sealed = isSealedByCurrent(masters, totp.secret) ? totp.secret : seal(masters, userId, secret)
  return await markStepUsed(tx, userId, step, sealed)
}
