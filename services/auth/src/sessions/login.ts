import { Problem, type User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Handler } from '@common-purse/kit/service-app'
import type { Commit } from '../commit.ts'
import type { Config } from '../config.ts'
import { listMemberships } from '../families/family-store.ts'
import type { PasswordHasher } from '../users/password-hasher.ts'
import { markLogin } from '../users/user-store.ts'
import { chooseMembership } from './choose-membership.ts'
import { recordFailure, regulatedBy, requireBelowLimits } from './login-regulation.ts'
import { clientOf, type StartSession } from './start-session.ts'

interface Deps {
  commit: Commit
  /** Reads outside of a transaction. */
  db: Tx
  passwords: PasswordHasher
  startSession: StartSession
  config: Pick<Config, 'LOGIN_FAILURES_ACCOUNT' | 'LOGIN_FAILURES_ADDRESS'>
}

const wrong = () => new Problem('credentials_invalid', 'The e-mail address or the password is wrong')

/** Signs in. An unknown address and a wrong password are the same work and the same answer. */
export const login =
  ({ commit, db, passwords, startSession, config }: Deps): Handler<'login'> =>
  async ({ body, context }) => {
    const regulated = regulatedBy(config, body.email, context.ip)
    const found = await findByEmail(db, body.email)
    const right = await passwords.matches(body.password, found?.passwordHash, () =>
      requireBelowLimits(db, regulated),
    )
    if (!found || !right) {
      await commit((tx) => recordFailure(tx, regulated))
      throw wrong()
    }
    const session = await commit(async (tx) => {
      // Guesses that were worked on at the same time count too.
      await requireBelowLimits(tx, regulated)
      const now = new Date()
      const membership = chooseMembership(await listMemberships(tx, found.user.id), undefined)
      if (!membership) throw wrong()
      await markLogin(tx, found.user.id, now)
      return await startSession(tx, { user: found.user, membership, client: clientOf(context), context, now })
    })
    return { body: session }
  }

async function findByEmail(db: Tx, email: string): Promise<{ user: User; passwordHash: string } | undefined> {
  const [row] = await db.query<User & { passwordHash: string }>(
    'SELECT id, email, display_name, password_hash AS "passwordHash" FROM users WHERE email = $1',
    [email],
  )
  if (!row) return undefined
  const { passwordHash, ...user } = row
  return { user, passwordHash }
}
