import { requireRoutePermission } from '@common-purse/kit/service-app'
import type { RequestHandler } from 'express'
import { policyOf, stateOf } from '../request-state.ts'

/** Layer 6: the route's permission against the role in the token. The service checks again, with ownership and visibility. */
export const authorize: RequestHandler = (req, res, next) => {
  const { caller } = stateOf(res)
  if (caller) requireRoutePermission(caller, policyOf(res), req.path)
  next()
}
