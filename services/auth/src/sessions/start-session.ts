import { randomUUID } from 'node:crypto'
import type { ClientKind, Session as SessionAnswer, User } from '@common-purse/contracts'
import type { Change } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import { type DatedTx, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import type { Config } from '../config.ts'
import type { Membership } from '../families/family-store.ts'
import { newRefreshToken } from '../keys/one-time-secrets.ts'
import type { AnswerSession } from './session-answer.ts'
import { insertRefreshToken, insertSession, type SecondFactor } from './session-store.ts'

export interface SignIn {
  user: User
  membership: Membership
  client: ClientKind
  context: RequestContext
  /** What was given beside the password, if anything. */
  secondFactor?: SecondFactor | undefined
  /** Events of the same change that come before the session's own. */
  before?: Change[]
  now: Date
}

export type StartSession = (tx: DatedTx, signIn: SignIn) => Promise<SessionAnswer>

/** What a person signed in with, when it was not Telegram. */
export const clientOf = (context: RequestContext): ClientKind => (context.fromBrowser ? 'web' : 'api')

/** Opens a session and writes the events of signing in. */
export const createSessionStarter =
  (config: Pick<Config, 'REFRESH_TOKEN_SECONDS'>, answerSession: AnswerSession): StartSession =>
  async (tx, { user, membership, client, context, secondFactor, before = [], now }) => {
    const session = {
      id: randomUUID(),
      userId: user.id,
      familyId: membership.id,
      client,
      userAgent: context.userAgent,
      ip: context.ip,
      secondFactor: secondFactor ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + config.REFRESH_TOKEN_SECONDS * 1000),
      version: 1,
    }
    const refreshToken = newRefreshToken()
    const started = await insertSession(tx, session)
    await insertRefreshToken(tx, session.id, refreshToken)
    await emit(tx, originOf({ ...session, sessionId: session.id }, context), [...before, started], now)
    return await answerSession({ session, user, membership, refreshToken })
  }
