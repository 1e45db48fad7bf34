import { allRoutes, Problem } from '@common-purse/contracts'
import type { RequestHandler } from 'express'
import { stateOf } from '../request-state.ts'
import { createRouteTable } from '../route-table.ts'

/**
 * Matches the request to the table of routes, from which every later layer takes its policy. HEAD is GET whose body is not
 * sent (RFC 9110, 9.3.2).
 */
export function findRoute(): RequestHandler {
  const find = createRouteTable(allRoutes)
  return (req, res, next) => {
    const match = find(req.method === 'HEAD' ? 'GET' : req.method, req.path)
    const state = stateOf(res)
    if (match.kind === 'found') {
      state.policy = match.route
      state.route = match.route.path
    } else if (match.kind === 'other_method') state.allow = match.allow
    next()
  }
}

/** Refuses what is no page and has no route, once it was counted. */
export const requireRoute: RequestHandler = (req, res, next) => {
  const { policy, allow } = stateOf(res)
  if (policy) return next()
  if (!allow) throw new Problem('not_found', 'There is nothing at this address')
  const known = allow.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  res.setHeader('Allow', [...known, 'OPTIONS'].join(', '))
  if (req.method !== 'OPTIONS')
    throw new Problem('method_not_allowed', `This address knows ${known.join(', ')}`)
  stateOf(res).route = 'options'
  res.status(204).end()
}
