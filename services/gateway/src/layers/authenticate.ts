import { Problem } from '@common-purse/contracts'
import type { VerifyToken } from '@common-purse/kit/caller'
import type { RequestHandler } from 'express'
import type { DenySet } from '../deny-set.ts'
import type { Freshness } from '../freshness.ts'
import { policyOf, stateOf } from '../request-state.ts'

interface Known {
  denied: Pick<DenySet, 'isDenied'>
  freshness: Pick<Freshness, 'isCurrent' | 'soonCurrent'>
}

/**
 * Layer 3: the access token, then the deny set. A gateway that cannot know what was revoked lets nobody in. Public routes
 * and the bot's own calls carry no token.
 */
export function authenticate(verifyToken: VerifyToken, { denied, freshness }: Known): RequestHandler {
  return async (req, res, next) => {
    if (policyOf(res).access !== 'user') return next()
    const caller = await verifyToken(req.get('authorization'))
    // Known also when it is refused: the access log says who tried.
    stateOf(res).caller = caller
    const current = freshness.isCurrent() || (await freshness.soonCurrent())
    if (denied.isDenied(caller))
      throw new Problem(
        'token_revoked',
        'The session was ended, or your role changed; refresh the token or sign in again',
      )
    if (!current)
      throw new Problem('upstream_unavailable', 'Which sessions have ended cannot be known at the moment', {
        retryAfter: 1,
      })
    next()
  }
}
