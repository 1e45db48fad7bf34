import { Problem } from '@common-purse/contracts'
import type { VerifyToken } from '@common-purse/kit/caller'
import type { RequestHandler } from 'express'
import type { DenySet } from '../deny-set.ts'
import { policyOf, stateOf } from '../request-state.ts'

/** Layer 3: the access token, then the deny set. Public routes and the bot's own calls carry no token. */
export function authenticate(verifyToken: VerifyToken, denied: Pick<DenySet, 'isDenied'>): RequestHandler {
  return async (req, res, next) => {
    if (policyOf(res).access !== 'user') return next()
    const caller = await verifyToken(req.get('authorization'))
    // Known also when it is refused: the access log says who tried.
    stateOf(res).caller = caller
    if (denied.isDenied(caller))
      throw new Problem(
        'token_revoked',
        'The session was ended, or your role changed; refresh the token or sign in again',
      )
    next()
  }
}
