import { Problem, type RefreshToken, type Session as SessionAnswer } from '@common-purse/contracts'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Handler } from '@common-purse/kit/service-app'
import { type Commit, type DatedTx, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import type { Config } from '../config.ts'
import { listMemberships } from '../families/family-store.ts'
import { currentVersion, successorOf } from '../keys/one-time-secrets.ts'
import { getUser } from '../users/user-store.ts'
import { chooseMembership } from './choose-membership.ts'
import { decideRefresh } from './decide-refresh.ts'
import type { AnswerSession } from './session-answer.ts'
import * as store from './session-store.ts'

interface Deps {
  commit: Commit
  answerSession: AnswerSession
  config: Pick<Config, 'REFRESH_GRACE_SECONDS' | 'SIGNATURE_MASTER_SECRETS'>
}

const invalid = () =>
  new Problem('refresh_token_invalid', 'This refresh token opens no session; sign in again')

/** Exchanges a refresh token for its successor. A refusal may have ended the session, so it is thrown after the commit. */
export const refreshToken =
  (deps: Deps): Handler<'refreshToken'> =>
  async ({ body, context }) => {
    const outcome = await deps.commit((tx) => refresh(deps, tx, body, context))
    if (outcome instanceof Problem) throw outcome
    return { body: outcome }
  }

async function refresh(
  deps: Deps,
  tx: DatedTx,
  { refresh_token: token, family_id: wanted }: RefreshToken,
  context: RequestContext,
): Promise<SessionAnswer | Problem> {
  const presented = await store.lockByToken(tx, token)
  if (!presented) return invalid()
  const { session } = presented
  const decision = decideRefresh({
    over: session.over,
    usedSecondsAgo: presented.usedSecondsAgo,
    graceSeconds: deps.config.REFRESH_GRACE_SECONDS,
  })
  if (decision === 'over') return invalid()
  if (decision === 'reused') return await endReused(tx, session, context)
  const membership = chooseMembership(await listMemberships(tx, session.userId), wanted, session.familyId)
  if (!membership) return invalid()
  const successor = await successorFor(deps, tx, token, presented)
  if (successor === undefined) return invalid()
  if (decision === 'rotate' || membership.id !== session.familyId) {
    const now = tx.now()
    const event = await store.touchSession(tx, session, membership.id, now)
    await emit(
      tx,
      originOf({ ...session, familyId: membership.id, sessionId: session.id }, context),
      [event],
      now,
    )
  }
  const user = await getUser(tx, session.userId)
  return await deps.answerSession({ session, user, membership, refreshToken: successor })
}

/** Everybody who asks gets the same one; the first to ask stores its hash. */
async function successorFor(
  { config }: Deps,
  tx: DatedTx,
  token: string,
  { session, successorKey }: store.PresentedToken,
): Promise<string | undefined> {
  const masters = config.SIGNATURE_MASTER_SECRETS
  if (successorKey !== null) return successorOf(masters, successorKey, token)
  const version = currentVersion(masters)
  const successor = successorOf(masters, version, token)!
  await store.markTokenUsed(tx, token, version)
  await store.insertRefreshToken(tx, session.id, successor)
  return successor
}

async function endReused(tx: DatedTx, session: store.Session, context: RequestContext): Promise<Problem> {
  const now = tx.now()
  const reuse = store.reuseDetected(session)
  const ended = await store.endSession(tx, reuse.session, 'refresh_token_reused', now)
  // Whoever presented it is not known to be the session's user: these events have no actor.
  const origin = { ...originOf({ ...session, sessionId: session.id }, context), actorId: undefined }
  await emit(tx, origin, [reuse.event, ended], now)
  return new Problem(
    'refresh_token_reused',
    'This refresh token was used before, so the session was ended; sign in again',
  )
}
