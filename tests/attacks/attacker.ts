import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'

/** What somebody holds who signs requests: a session's token and key, or the bot's key alone. */
export interface Identity {
  token?: string
  keyId: string
  secret: string
}

export interface Request {
  method: string
  target: string
  body?: string | Buffer
  /** Undefined: a new one for whatever is no GET. Null: none. */
  key?: string | null
}

/** Where a signature differs from a good one. */
export interface Signing {
  /** Unix seconds. */
  created?: number
  nonce?: string
}

/** An answer as it came. */
export interface Seen {
  status: number
  /** `code` of a problem document, else null. */
  code: string | null
  headers: IncomingHttpHeaders
  text: string
  /** The parsed body, or undefined. */
  json: unknown
}

/** An identity from what signing in answered. */
export const identityOf = (session: {
  access_token: string
  signing_key: { key_id: string; secret: string }
}): Identity => ({
  token: session.access_token,
  keyId: session.signing_key.key_id,
  secret: session.signing_key.secret,
})

export const newNonce = () => randomBytes(24).toString('base64url')

/**
 * The headers of a signed request by docs/SIGNING.md, written out with node:crypto alone: an attacker has a client of
 * their own, and a mistake in ours would hide in tests that sign with it.
 */
export function signedHeaders(who: Identity, what: Request, signing: Signing = {}): Record<string, string> {
  const bytes = Buffer.from((what.body ?? '') as string)
  const key = what.key === undefined && what.method !== 'GET' ? randomUUID() : what.key
  const values: [string, string | undefined | null][] = [
    ['content-digest', `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`],
    ['authorization', who.token === undefined ? undefined : `Bearer ${who.token}`],
    ['idempotency-key', key],
  ]
  const headers = Object.fromEntries(
    values.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const [path, query] = what.target.split(/\?(.*)/s)
  const lines: [string, string][] = [
    ['@method', what.method],
    ['@path', path!],
    ['@query', `?${query ?? ''}`],
    ...Object.entries(headers),
  ]
  const covered = lines.map(([name]) => `"${name}"`).join(' ')
  const created = signing.created ?? Math.floor(Date.now() / 1000)
  const params = `(${covered});created=${created};nonce="${signing.nonce ?? newNonce()}";keyid="${who.keyId}";alg="hmac-sha256"`
  const base = [
    ...lines.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${params}`,
  ].join('\n')
  const mac = createHmac('sha256', Buffer.from(who.secret, 'base64url')).update(base).digest('base64')
  return { ...headers, 'signature-input': `s=${params}`, signature: `s=:${mac}:` }
}

/** Sends one request over a connection of its own, with exactly these headers and a type for its body. */
export function send(
  url: string,
  { method, target, body = '' }: Request,
  headers: Record<string, string> = {},
): Promise<Seen> {
  const { hostname, port } = new URL(url)
  const bytes = Buffer.from(body as string)
  const described =
    bytes.length > 0
      ? { 'content-type': 'application/json', 'content-length': String(bytes.length) }
      : method === 'GET'
        ? {}
        : { 'content-length': '0' }
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      method,
      path: target,
      agent: false,
      headers: { ...described, ...headers },
    }
    const outgoing = request(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve(seenOf(answer.statusCode!, answer.headers, Buffer.concat(chunks).toString())),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

/** Signs and sends. */
export const attack = (url: string, who: Identity, what: Request, more: Record<string, string> = {}) =>
  send(url, what, { ...signedHeaders(who, what), ...more })

function seenOf(status: number, headers: IncomingHttpHeaders, text: string): Seen {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const code = (json as { code?: unknown } | undefined)?.code
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true
  return { status, code: isProblem && typeof code === 'string' ? code : null, headers, text, json }
}

/** Words of our own machinery and of the libraries below it, which no answer may hold. */
const INTERNAL =
  /node:|node_modules|\.[jt]s[:"'\s)]|\bat \S+ \(|ECONN|ENOENT|EPIPE|HPE_|llhttp|prisma|postgres|pg_|relation "|column "|violates|duplicate key|syntax error at|\bSQL|zod|ioredis|redis:|nats|stack"|TypeError|RangeError|undefined|\[object/i

/** What is wrong with any refusal, or any answer at all to somebody who attacks; empty when it is as it must be. */
export function wrongWith(seen: Seen, secrets: readonly string[] = []): string[] {
  // What the server computed of a signature repeats the request, whose nonce and digest may spell any word.
  const said = seen.text.replace(/"signature_base":"(?:[^"\\]|\\.)*"/, '')
  const told = seen.status >= 400 ? INTERNAL.exec(said)?.[0] : undefined
  const foreign = secrets.find((secret) => seen.text.includes(secret))
  return [
    ...(seen.status >= 500 ? [`status ${seen.status}`] : []),
    ...(seen.status >= 400 && seen.code === null ? [`no problem document: ${seen.text.slice(0, 100)}`] : []),
    ...(told === undefined ? [] : [`an internal word: ${told}`]),
    ...(foreign === undefined ? [] : [`another family's: ${foreign}`]),
  ]
}
