import { Problem } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { IdempotentRequest } from '@common-purse/kit/idempotency'
import type { Commit, FindEarlier } from '../commit.ts'
import { recordFailure, type Regulated, requireBelowLimits } from '../sessions/login-regulation.ts'
import type { Account } from './credentials-store.ts'
import type { PasswordHasher } from './password-hasher.ts'

export interface ProvePasswordDeps {
  commit: Commit
  db: Tx
  passwords: PasswordHasher
  findEarlier: FindEarlier
}

export interface PasswordProof {
  account: Account
  regulated: Regulated[]
  password: string
  idempotency: IdempotentRequest | undefined
}

type Earlier = Awaited<ReturnType<FindEarlier>>

/**
 * A signed-in person says their password. A wrong one throws `credentials_invalid` and counts like a failed sign-in,
 * unless this is a repeat of a request that was done: then its answer is given, for the password may be another by now.
 */
export async function provePassword(deps: ProvePasswordDeps, proof: PasswordProof): Promise<Earlier> {
  const { account, regulated, password, idempotency } = proof
  const right = await deps.passwords.matches(password, account.passwordHash, {
    from: account.user.id,
    before: () => requireBelowLimits(deps.db, regulated),
  })
  if (right) return undefined
  const earlier = await deps.findEarlier(idempotency)
  if (earlier) return earlier
  await deps.commit((tx) => recordFailure(tx, regulated))
  throw new Problem('credentials_invalid', 'The password is wrong')
}
