import type { Request, RequestHandler } from 'express'
import { stateOf } from './request-state.ts'

const sent = [
  'authorization',
  'content-type',
  'content-digest',
  'idempotency-key',
  'signature',
  'signature-input',
  'traceparent',
  'tracestate',
].join(', ')
const shown = [
  'x-request-id',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'idempotent-replayed',
  'www-authenticate',
].join(', ')

const isPreflight = (req: Request): boolean =>
  req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined

/** Lets pages of the listed origins call the API. There are no cookies, hence no credentials to allow. */
export function cors(origins: ReadonlySet<string>): RequestHandler {
  return (req, res, next) => {
    const { origin } = req.headers
    res.setHeader('vary', 'origin')
    if (origin !== undefined && origins.has(origin)) {
      res.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': shown })
      if (isPreflight(req))
        res.set({
          'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
          'access-control-allow-headers': sent,
          'access-control-max-age': '600',
        })
    }
    next()
  }
}

/** Answers a browser that asks first; whatever the address, once its form was checked and it was counted. */
export const answerPreflight: RequestHandler = (req, res, next) => {
  if (!isPreflight(req)) return next()
  stateOf(res).route = 'preflight'
  res.status(204).end()
}
