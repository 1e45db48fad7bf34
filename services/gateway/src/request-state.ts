import type { Method, Route, RouteId } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { VerifiedSignature } from '@common-purse/kit/read-signature'
import type { Response } from 'express'
import type { Arrival } from './access/access-line.ts'

/** What the layers learn about one request; each layer writes its own part, later ones read it. */
export interface RequestState {
  context: RequestContext
  /** For the access log; `over` once the request has its line there. */
  access?: Arrival & { over: boolean }
  /** The route's pattern, for logs and metrics; never the path a person asked for. */
  route?: string
  policy?: Route & { id: RouteId }
  /** The methods that the address knows, where it does not know the one that was asked. */
  allow?: Method[]
  caller?: Caller
  /** Whether the request was counted in its counters, or needs no more counting. */
  counted?: boolean
  /** The very bytes of the body. */
  body?: Buffer
  signature?: VerifiedSignature
  /** Code of the problem that was answered, if one was. */
  problemCode?: string
}

export const stateOf = (res: Response): RequestState => res.locals as RequestState

/** The route that the request was matched to. Only layers after `findRoute` may ask. */
export function policyOf(res: Response): Route & { id: RouteId } {
  const { policy } = stateOf(res)
  if (!policy) throw new Error('No route was matched before this layer')
  return policy
}
