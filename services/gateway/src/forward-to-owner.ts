import type { Health, OwningService } from '@common-purse/contracts'
import type { RequestHandler } from 'express'
import { policyOf } from './request-state.ts'
import type { Upstream } from './upstream.ts'

/** Hands the request to the service that owns the route; the gateway's own route is its health. */
export function forwardToOwner(
  upstreams: Record<Exclude<OwningService, 'gateway'>, Upstream>,
  health: () => Promise<Health>,
): RequestHandler {
  return async (req, res, next) => {
    const { service } = policyOf(res)
    if (service === 'gateway') res.json(await health())
    else upstreams[service].forward(req, res, next)
  }
}
