import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { currentTraceparent, traceIdOf } from './trace.ts'

/** What is known of a request besides what it asks for; the gateway sets it, the services read it. */
export interface RequestContext {
  requestId: string
  traceparent: string
  traceId: string
  /** The client's address as the gateway saw it. */
  ip: string
  userAgent: string | undefined
  /** True when a browser sent it: only browsers set these headers by themselves. */
  fromBrowser: boolean
}

/** What an event takes; an IPv6 address with a zone is the longest. */
const IP_MAX = 64
const idShape = /^[\w-]{8,64}$/

/** Reads the context that the gateway passed on. It tells the trail where a request came from and decides nothing. */
export function readContext(req: Request): RequestContext {
  const given = req.get('x-request-id')
  const traceparent = currentTraceparent(req.get('traceparent'))
  return {
    requestId: given !== undefined && idShape.test(given) ? given : randomUUID(),
    traceparent,
    traceId: traceIdOf(traceparent),
    ip: (req.get('x-forwarded-for') ?? req.socket.remoteAddress ?? '').slice(0, IP_MAX),
    userAgent: req.get('user-agent')?.slice(0, 256),
    fromBrowser: req.get('origin') !== undefined || req.get('sec-fetch-site') !== undefined,
  }
}
