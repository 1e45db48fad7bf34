import { allRoutes, Problem } from '@common-purse/contracts'
import type { RequestHandler } from 'express'
import { stateOf } from '../request-state.ts'
import { createRouteTable } from '../route-table.ts'

/** Matches the request to the table of routes, from which every later layer takes its policy. */
export function findRoute(): RequestHandler {
  const find = createRouteTable(allRoutes)
  return (req, res, next) => {
    const match = find(req.method, req.path)
    if (match.kind === 'unknown') throw new Problem('not_found', 'There is nothing at this address')
    if (match.kind === 'other_method') {
      res.set('allow', [...match.allow, 'OPTIONS'].join(', '))
      if (req.method !== 'OPTIONS')
        throw new Problem('method_not_allowed', `This address knows ${match.allow.join(', ')}`)
      res.locals['route'] = 'options'
      return void res.status(204).end()
    }
    stateOf(res).policy = match.route
    stateOf(res).route = match.route.path
    next()
  }
}
