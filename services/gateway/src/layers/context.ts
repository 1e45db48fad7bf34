import { randomUUID } from 'node:crypto'
import type { BlockList, Socket } from 'node:net'
import { Problem } from '@common-purse/contracts'
import { traceRequest } from '@common-purse/kit/spans'
import { currentTraceparent, traceIdOf } from '@common-purse/kit/trace'
import type { RequestHandler } from 'express'
import { findClientAddress } from '../client-address.ts'
import { decideRequestForm } from '../decide-request-form.ts'
import { stateOf } from '../request-state.ts'

/**
 * Layer 1: who a request is counted for and how it is followed, and whether its form is strict. Ids and addresses are
 * made here; what a client says about them is not believed. Later layers read the state, never these headers.
 */
export function context(trustedProxies: BlockList): RequestHandler {
  return (req, res, next) =>
    traceRequest(req, res, () => {
      const requestId = randomUUID()
      const traceparent = currentTraceparent(req.get('traceparent'))
      stateOf(res).context = {
        requestId,
        traceparent,
        traceId: traceIdOf(traceparent),
        ip: findClientAddress(req.socket.remoteAddress ?? '', req.get('x-forwarded-for'), trustedProxies),
        userAgent: req.get('user-agent')?.slice(0, 256),
        fromBrowser: req.get('origin') !== undefined || req.get('sec-fetch-site') !== undefined,
      }
      res.setHeader('x-request-id', requestId)
      next()
    })
}

/**
 * Refuses what two readers could understand differently; the connection is closed, so that nothing is left on it. What was
 * sent right behind may have been read already: it is not looked at, and ends with the connection.
 */
export function strictForm(): RequestHandler {
  const closing = new WeakSet<Socket>()
  return (req, res, next) => {
    if (closing.has(req.socket)) return
    const wrong = decideRequestForm({
      method: req.method,
      target: req.originalUrl,
      httpVersion: req.httpVersion,
      rawHeaders: req.rawHeaders,
    })
    if (wrong === undefined) return next()
    closing.add(req.socket)
    res.set('connection', 'close')
    throw new Problem('invalid_request', wrong)
  }
}
