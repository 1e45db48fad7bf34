/** What is checked of a request before anything is done with it. */
export interface RawRequest {
  method: string
  /** The request target as it stood in the request line. */
  target: string
  httpVersion: string
  /** Names and values in turn, as they arrived. */
  rawHeaders: readonly string[]
}

const HEADERS_MAX = 100

// RFC 3986 without percent-encoding: no path of this API needs it, and what cannot be written cannot be misread.
const pathShape = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/
const queryShape = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/

const single = new Set([
  'host',
  'authorization',
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'content-digest',
  'idempotency-key',
  'signature',
  'signature-input',
  'expect',
  'origin',
])

/** Says what is wrong with the form of a request, or nothing. Refusing is safer than repairing: the next reader may repair otherwise. */
export function decideRequestForm(request: RawRequest): string | undefined {
  const headers = toHeaderCounts(request.rawHeaders)
  return (
    decideTarget(request.target) ?? decideHeaders(request, headers) ?? decideBody(request.method, headers)
  )
}

function decideTarget(target: string): string | undefined {
  if (!target.startsWith('/')) return 'The request target must be a path: no absolute form, no asterisk'
  const start = target.indexOf('?')
  const path = start === -1 ? target : target.slice(0, start)
  if (!pathShape.test(path))
    return 'The path holds characters that no path of this API has, or percent-encoding'
  if (path.includes('//')) return 'The path holds an empty segment'
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    return 'The path holds a dot segment'
  if (start !== -1 && !queryShape.test(target.slice(start + 1)))
    return 'The query holds characters that RFC 3986 does not allow'
  return undefined
}

type Headers = Map<string, string[]>

function toHeaderCounts(rawHeaders: readonly string[]): Headers {
  const headers: Headers = new Map()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    const values = headers.get(name)
    if (values) values.push(rawHeaders[index + 1]!)
    else headers.set(name, [rawHeaders[index + 1]!])
  }
  return headers
}

function decideHeaders(request: RawRequest, headers: Headers): string | undefined {
  if (request.method === 'TRACE' || request.method === 'CONNECT') return `${request.method} is not offered`
  if (request.rawHeaders.length > 2 * HEADERS_MAX) return `The request has more than ${HEADERS_MAX} headers`
  for (const [name, values] of headers)
    if (values.length > 1 && single.has(name)) return `The header ${name} is there twice`
  const host = headers.get('host')?.[0]
  if (host === undefined && request.httpVersion !== '1.0') return 'The Host header is missing'
  if (host !== undefined && !/^[A-Za-z0-9.\-_~:[\]]*$/.test(host)) return 'The Host header is not a host name'
  const expect = headers.get('expect')?.[0]
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return 'Only Expect: 100-continue is understood'
  return undefined
}

function decideBody(method: string, headers: Headers): string | undefined {
  const length = headers.get('content-length')?.[0]
  const coding = headers.get('transfer-encoding')?.[0]
  if (length !== undefined && coding !== undefined)
    return 'Content-Length and Transfer-Encoding exclude each other'
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return 'Content-Length is not a number'
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return 'The only Transfer-Encoding is chunked'
  const hasBody = coding !== undefined || (length !== undefined && Number(length) > 0)
  if (hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(method)) return `A ${method} has no body`
  return undefined
}
