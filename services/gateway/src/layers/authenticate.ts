import { Problem } from '@common-purse/contracts'
import type { Caller, VerifyToken } from '@common-purse/kit/caller'
import type { NextFunction, RequestHandler, Response } from 'express'
import type { DenySet } from '../deny-set.ts'
import type { Freshness } from '../freshness.ts'
import { policyOf, stateOf } from '../request-state.ts'

interface Known {
  denied: Pick<DenySet, 'isDenied'>
  freshness: Pick<Freshness, 'isCurrent' | 'soonCurrent'>
}

/**
 * Layer 3: the access token, then the deny set. A gateway that cannot know what was revoked lets nobody in. Public routes
 * and the bot's own calls carry no token. Nothing waits when the token is known and the revocations are current.
 */
export function authenticate(verifyToken: VerifyToken, { denied, freshness }: Known): RequestHandler {
  const admit = (caller: Caller, isCurrent: boolean) => {
    if (denied.isDenied(caller))
      throw new Problem(
        'token_revoked',
        'The session was ended, or your role changed; refresh the token or sign in again',
      )
    if (!isCurrent)
      throw new Problem('upstream_unavailable', 'Which sessions have ended cannot be known at the moment', {
        retryAfter: 1,
      })
  }
  return (req, res, next) => {
    if (policyOf(res).access !== 'user') return next()
    const known = verifyToken(req.headers.authorization)
    if (known instanceof Promise || !freshness.isCurrent()) return later(known, res, next)
    stateOf(res).caller = known
    admit(known, true)
    next()
  }

  async function later(known: Caller | Promise<Caller>, res: Response, next: NextFunction): Promise<void> {
    const caller = await known
    // Known also when it is refused: the access log says who tried.
    stateOf(res).caller = caller
    admit(caller, freshness.isCurrent() || (await freshness.soonCurrent()))
    next()
  }
}
