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
  return decideTarget(request.target) ?? decideHeaders(request, headers) ?? decideBody(request, headers)
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

/** A rule that is broken, and how we say so. */
type Rule = readonly [broken: boolean, message: string]
const firstBroken = (rules: readonly Rule[]): string | undefined => rules.find(([broken]) => broken)?.[1]

function decideHeaders(request: RawRequest, headers: Headers): string | undefined {
  const twice = [...headers].find(([name, values]) => values.length > 1 && single.has(name))?.[0]
  const host = headers.get('host')?.[0]
  const expect = headers.get('expect')?.[0]?.toLowerCase() ?? '100-continue'
  return firstBroken([
    [!['1.0', '1.1'].includes(request.httpVersion), 'Only HTTP/1.1 and HTTP/1.0 are spoken here'],
    [['TRACE', 'CONNECT'].includes(request.method), `${request.method} is not offered`],
    [request.rawHeaders.length > 2 * HEADERS_MAX, `The request has more than ${HEADERS_MAX} headers`],
    [twice !== undefined, `The header ${twice} is there twice`],
    [host === undefined && request.httpVersion !== '1.0', 'The Host header is missing'],
    [!/^[A-Za-z0-9.\-_~:[\]]*$/.test(host ?? ''), 'The Host header is not a host name'],
    [expect !== '100-continue', 'Only Expect: 100-continue is understood'],
  ])
}

const bodiless = ['GET', 'HEAD', 'OPTIONS']

const hasBody = (length: string | undefined, coding: string | undefined): boolean =>
  coding !== undefined || Number(length ?? 0) > 0

function decideBody({ method, httpVersion }: RawRequest, headers: Headers): string | undefined {
  const length = headers.get('content-length')?.[0]
  const coding = headers.get('transfer-encoding')?.[0]?.toLowerCase()
  return firstBroken([
    [length !== undefined && coding !== undefined, 'Content-Length and Transfer-Encoding exclude each other'],
    [!/^[0-9]{1,15}$/.test(length ?? '0'), 'Content-Length is not a number'],
    [coding !== undefined && httpVersion === '1.0', 'HTTP/1.0 knows no Transfer-Encoding'],
    [(coding ?? 'chunked') !== 'chunked', 'The only Transfer-Encoding is chunked'],
    [bodiless.includes(method) && hasBody(length, coding), `A ${method} has no body`],
  ])
}
