import { problemHandler } from '@common-purse/kit/problem-handler'
import type { Logger } from '@common-purse/kit/logger'
import express, { type Express, type RequestHandler, type Router } from 'express'
import { authorize } from './layers/authorize.ts'
import { strictForm } from './layers/context.ts'

/** The parts of the chain, made by `start.ts`. */
export interface Parts {
  observe: RequestHandler
  context: RequestHandler
  recordAccess: RequestHandler
  securityHeaders: RequestHandler
  cors: RequestHandler
  limitAddress: RequestHandler
  pages: Router
  findRoute: RequestHandler
  authenticate: RequestHandler
  limitCaller: RequestHandler
  readBody: RequestHandler
  verifySignature: RequestHandler
  guardReplay: RequestHandler
  limitRoute: RequestHandler
  forward: RequestHandler
  logger: Logger
}

/** The whole life of a request, in order: the six layers, then the service that owns the route. */
export function createGateway(part: Parts): Express {
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    .enable('case sensitive routing')
    .enable('strict routing')
  // 1. context
  app.use(part.context, part.observe, part.recordAccess, part.securityHeaders, part.cors, strictForm)
  // 2. rate limit, by address
  app.use(part.limitAddress)
  app.use(part.pages)
  app.use(part.findRoute)
  // 3. authentication, and the limits of who is calling
  app.use(part.authenticate, part.limitCaller)
  // 4. signature, over the bytes that arrived
  app.use(part.readBody, part.verifySignature)
  // 5. replay, and the limits of single routes
  app.use(part.guardReplay, part.limitRoute)
  // 6. authorization
  app.use(authorize)
  app.use(part.forward)
  app.use(problemHandler(part.logger))
  return app
}
