import { type Login, Problem, type Session as SessionAnswer } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Handler } from '@common-purse/kit/service-app'
import type { Commit, DatedTx } from '../commit.ts'
import type { Config } from '../config.ts'
import { ensureMembership } from '../families/ensure-membership.ts'
import { useSecondFactor } from '../totp/use-second-factor.ts'
import { type Account, findAccount, lockCredentials, markLogin } from '../users/credentials-store.ts'
import type { PasswordHasher } from '../users/password-hasher.ts'
import { addressKey } from './address-key.ts'
import {
  recordFailure,
  type Regulated,
  regulatedBy,
  type RegulationSettings,
  requireBelowLimits,
} from './login-regulation.ts'
import { clientOf, type StartSession } from './start-session.ts'

interface Deps {
  commit: Commit
  /** Reads outside of a transaction. */
  db: Tx
  passwords: PasswordHasher
  startSession: StartSession
  config: RegulationSettings & Pick<Config, 'SIGNATURE_MASTER_SECRETS'>
}

const wrong = () => new Problem('credentials_invalid', 'The e-mail address or the password is wrong')

/** Signs in. An unknown address and a wrong password are the same work and the same answer. */
export const login =
  (deps: Deps): Handler<'login'> =>
  async ({ body, context }) => {
    const { commit, db, passwords, config } = deps
    const account = await findAccount(db, body.email, { ip: context.ip, days: config.KNOWN_ADDRESS_DAYS })
    const known = account?.known ?? false
    const regulated = regulatedBy(config, { email: body.email, ip: context.ip, known })
    const right = await passwords.matches(body.password, account?.passwordHash, {
      from: addressKey(context.ip),
      before: () => requireBelowLimits(db, regulated),
    })
    if (!account || !right) {
      await commit((tx) => recordFailure(tx, regulated))
      throw wrong()
    }
    // A wrong code is counted in the same transaction, so it is answered after the commit.
    const outcome = await commit((tx) => enter(deps, tx, { account, regulated, body, context }))
    if (outcome instanceof Problem) throw outcome
    return { body: outcome }
  }

interface Entry {
  account: Account
  regulated: Regulated[]
  body: Login
  context: RequestContext
}

/** The password was right. Guesses that were worked on at the same time count too, so the limits are looked at again. */
async function enter(deps: Deps, tx: DatedTx, entry: Entry): Promise<SessionAnswer | Problem> {
  const { account, regulated, body, context } = entry
  const { user } = account
  const how = account.totpEnabled ? 'alone' : 'together'
  if ((await lockCredentials(tx, user.id, how)) !== account.passwordHash) return wrong() // changed meanwhile
  await requireBelowLimits(tx, regulated)
  const factor = await useSecondFactor(tx, deps.config.SIGNATURE_MASTER_SECRETS, user.id, body.totp)
  if (factor === 'missing')
    return new Problem('totp_required', 'Send `totp` too: a code of your authenticator or a recovery code')
  if (factor === 'wrong') {
    await recordFailure(tx, regulated)
    return new Problem('credentials_invalid', 'The code is wrong, too old or was used before')
  }
  const now = tx.now()
  const { membership, events } = await ensureMembership(tx, user, now)
  const secondFactor = factor === 'off' ? undefined : factor
  const session = await deps.startSession(tx, {
    user,
    membership,
    client: clientOf(context),
    context,
    secondFactor,
    before: events,
    now,
  })
  await markLogin(tx, user.id, now) // last, so that its row is locked for the commit alone
  return session
}
