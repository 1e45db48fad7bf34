import { type ChangePassword, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { originOf } from '@common-purse/kit/origin'
import type { Change } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, type DatedTx, emit } from '../commit.ts'
import { regulatedBy, type RegulationSettings } from '../sessions/login-regulation.ts'
import { endSession, lockRunning } from '../sessions/session-store.ts'
import { getSignedIn, lockSignedIn, nextUserVersion, setPasswordHash } from './credentials-store.ts'
import { provePassword, type ProvePasswordDeps } from './prove-password.ts'
import type { PasswordCheck } from './require-uncommon-password.ts'

interface Deps extends ProvePasswordDeps {
  commitOnce: CommitOnce
  requireUncommonPassword: PasswordCheck
  config: RegulationSettings
}

/** Changes one's password; whoever else is signed in as this person is signed out. */
export const changePassword =
  (deps: Deps): Handler<'changePassword'> =>
  async ({ body, caller, context, idempotency }) => {
    const { config, passwords } = deps
    const place = { ip: context.ip, days: config.KNOWN_ADDRESS_DAYS }
    const account = await getSignedIn(deps.db, caller, place)
    requireGoodChoice(deps.requireUncommonPassword, account.user, body)
    const earlier = await provePassword(deps, {
      account,
      regulated: regulatedBy(config, { email: account.user.email, ip: context.ip, known: account.known }),
      password: body.current_password,
      idempotency,
    })
    if (earlier) return { ...earlier, body: undefined }
    const passwordHash = await passwords.hash(body.new_password, { from: caller.userId })
    return await deps.commitOnce(idempotency, 204, async (tx) => {
      if ((await lockSignedIn(tx, caller)) !== account.passwordHash)
        throw new Problem('credentials_invalid', 'The password was changed a moment ago')
      await setPasswordHash(tx, caller.userId, passwordHash)
      await tellAndEndOthers(tx, caller, context)
      return undefined
    })
  }

function requireGoodChoice(
  requireUncommonPassword: PasswordCheck,
  user: { email: string; display_name: string },
  body: ChangePassword,
): void {
  requireUncommonPassword({ ...user, password: body.new_password }, 'new_password')
  if (body.new_password !== body.current_password) return
  const message = 'Expected another password than the current one'
  throw new Problem('invalid_request', `new_password: ${message}`, {
    errors: [{ field: 'new_password', message }],
  })
}

async function tellAndEndOthers(tx: DatedTx, caller: Caller, context: RequestContext): Promise<void> {
  const now = tx.now()
  const origin = originOf(caller, context)
  const changed: Change = {
    action: 'user.password_changed',
    entityType: 'user',
    entityId: caller.userId,
    version: await nextUserVersion(tx, caller.userId),
    newValues: { user_id: caller.userId },
  }
  await emit(tx, origin, [changed], now)
  for (const session of await lockRunning(tx, caller.userId, 'others', caller.sessionId)) {
    const ended = await endSession(tx, session, 'password_changed', now)
    await emit(tx, { ...origin, familyId: session.familyId }, [ended], now)
  }
}
