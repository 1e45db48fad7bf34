import type { Session as SessionAnswer, User } from '@common-purse/contracts'
import { newSessionKey } from '@common-purse/kit/signing-keys'
import type { Config } from '../config.ts'
import { familyOfUser, type Membership } from '../families/family-store.ts'
import type { SignAccessToken } from '../keys/sign-access-token.ts'
import type { Session } from './session-store.ts'

export interface AnswerParts {
  session: Session
  user: User
  membership: Membership
  refreshToken: string
}

export type AnswerSession = (parts: AnswerParts) => Promise<SessionAnswer>

/** Makes what signing in and refreshing answer. No token outlives its session. */
export function createSessionAnswer(
  config: Pick<Config, 'ACCESS_TOKEN_SECONDS' | 'SIGNATURE_MASTER_SECRETS'>,
  { signAccessToken, now: clock }: { signAccessToken: SignAccessToken; now: () => Date },
): AnswerSession {
  return async ({ session, user, membership, refreshToken }) => {
    const now = clock().getTime()
    const iat = Math.floor(now / 1000)
    const remaining = Math.ceil((session.expiresAt.getTime() - now) / 1000)
    const expiresIn = Math.max(1, Math.min(config.ACCESS_TOKEN_SECONDS, remaining))
    const accessToken = await signAccessToken({
      sub: user.id,
      sid: session.id,
      fam: membership.id,
      role: membership.role,
      mver: membership.mver,
      client: session.client,
      iat,
      exp: iat + expiresIn,
    })
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      refresh_token: refreshToken,
      refresh_expires_in: Math.max(1, remaining),
      session_id: session.id,
      signing_key: newSessionKey(config.SIGNATURE_MASTER_SECRETS, session.id),
      user,
      family: familyOfUser(membership),
    }
  }
}
