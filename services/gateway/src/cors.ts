import type { RequestHandler } from 'express'

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

/** Lets pages of the listed origins call the API. There are no cookies, hence no credentials to allow. */
export function cors(origins: ReadonlySet<string>): RequestHandler {
  return (req, res, next) => {
    const { origin } = req.headers
    const preflight = req.method === 'OPTIONS' && req.get('access-control-request-method') !== undefined
    res.setHeader('vary', 'origin')
    if (origin !== undefined && origins.has(origin)) {
      res.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': shown })
      if (preflight)
        res.set({
          'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
          'access-control-allow-headers': sent,
          'access-control-max-age': '600',
        })
    }
    if (!preflight) return next()
    res.locals['route'] = 'preflight'
    res.status(204).end()
  }
}
