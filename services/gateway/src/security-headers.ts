import type { RequestHandler } from 'express'

const api = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** What every answer carries, by name. */
export type ProtectiveHeaders = Readonly<Record<string, string>>

/** Pages replace the content security policy by their own. */
export function protectiveHeaders(options: { production: boolean }): ProtectiveHeaders {
  return {
    'content-security-policy': api,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'cache-control': 'no-store',
    // Browsers ignore it on plain http; in development it would only get in the way of other things on localhost.
    ...(options.production ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  }
}

export function securityHeaders(headers: ProtectiveHeaders): RequestHandler {
  const entries = Object.entries(headers)
  return (_req, res, next) => {
    for (const [name, value] of entries) res.setHeader(name, value)
    next()
  }
}
