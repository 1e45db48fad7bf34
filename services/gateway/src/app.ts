import { problemHandler } from '@common-purse/kit/problem-handler'
import type { Logger } from '@common-purse/kit/logger'
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express'
import { chain } from './chain.ts'
import { answerPreflight } from './cors.ts'
import { authorize } from './layers/authorize.ts'
import { strictForm } from './layers/context.ts'
import { requireRoute } from './layers/find-route.ts'
import { stateOf } from './request-state.ts'

/** The parts of the chain, made by `start.ts`. */
export interface Parts {
  observe: RequestHandler
  context: RequestHandler
  recordAccess: RequestHandler
  acceptAccess: RequestHandler
  securityHeaders: RequestHandler
  cors: RequestHandler
  findRoute: RequestHandler
  limitAddress: RequestHandler
  pages: Router
  authenticate: RequestHandler
  limitCaller: RequestHandler
  readBody: RequestHandler
  verifySignature: RequestHandler
  guardReplay: RequestHandler
  forward: RequestHandler
  countRefused: ErrorRequestHandler
  logger: Logger
}

/** Pages are looked for where the table of routes has nothing. */
const unlessRouted =
  (pages: Router): RequestHandler =>
  (req, res, next) => {
    if (stateOf(res).policy) next()
    else pages(req, res, next)
  }

/** The whole life of a request, in order: the six layers, then the service that owns the route. */
export function createGateway(part: Parts): Express {
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    .enable('case sensitive routing')
    .enable('strict routing')
  app.use(
    chain(
      // 1. context, and which route it is
      part.context,
      part.observe,
      part.recordAccess,
      part.securityHeaders,
      part.cors,
      strictForm(),
      part.findRoute,
      // 2. rate limit: refused here is an address known to be over its limit; what needs no caller is counted here
      part.limitAddress,
      answerPreflight,
      unlessRouted(part.pages),
      requireRoute,
      // 3. authentication; refused here is a caller known to be over a limit
      part.authenticate,
      part.limitCaller,
      // 4. signature, over the bytes that arrived
      part.readBody,
      part.verifySignature,
      // 5. replay; counted with it, in one round trip, are address, user, family and route
      part.guardReplay,
      // 6. authorization
      authorize,
      part.acceptAccess,
      part.forward,
    ),
  )
  // what was refused before it was counted
  app.use(part.countRefused)
  app.use(problemHandler(part.logger))
  return app
}
