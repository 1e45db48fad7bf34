import type { IncomingHttpHeaders } from 'node:http'
import type { Request } from 'express'
import type { RequestState } from './request-state.ts'

/** What a client says and a service may hear. Anything else ends here: identity, forwarding and hop-by-hop headers, cookies. */
const passed = [
  'accept',
  'accept-language',
  'authorization',
  'content-digest',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'origin',
  'sec-fetch-site',
  'signature',
  'signature-input',
  'user-agent',
] as const

/** The headers a service receives: a client's own by list, and what the gateway itself knows. */
export function forwardedHeaders(req: Request, { context, body }: RequestState): IncomingHttpHeaders {
  const headers: NodeJS.Dict<string | string[]> = {}
  for (const name of passed) if (req.headers[name] !== undefined) headers[name] = req.headers[name]
  // W3C: a tracestate belongs to the traceparent it came with.
  if (req.headers['traceparent'] === context.traceparent && req.headers['tracestate'] !== undefined)
    headers['tracestate'] = req.headers['tracestate']
  headers['traceparent'] = context.traceparent
  headers['x-request-id'] = context.requestId
  headers['x-forwarded-for'] = context.ip
  if (!['GET', 'HEAD'].includes(req.method)) headers['content-length'] = String(body?.length ?? 0)
  return headers
}
