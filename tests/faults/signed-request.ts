import { createHash, createHmac, randomBytes } from 'node:crypto'

/** Who signs: an access token and the session's key, as a session holds them. */
export interface Signer {
  access_token: string
  signing_key: { key_id: string; secret: string }
}

export interface Unsigned {
  method: 'GET' | 'POST' | 'PATCH'
  target: string
  /** Empty for a request without one. */
  body: string
  idempotencyKey?: string | undefined
}

/** A signed request in the bytes that go over the wire, up to the header that tells one copy from another. */
export interface SignedRequest {
  keyId: string
  nonce: string
  /** Seconds. */
  created: number
  /** The bytes of one copy. The trace is not covered by the signature, as for anybody who replays what they saw. */
  bytes(traceId: string): Buffer
}

/** Signs by docs/SIGNING.md with nothing but node:crypto, so that no code of the system is trusted with it. `now` in milliseconds. */
export function signRequest(signer: Signer, request: Unsigned, now = Date.now()): SignedRequest {
  const { method, target, body, idempotencyKey } = request
  const [path = '', query] = target.split('?')
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const authorization = `Bearer ${signer.access_token}`
  const covered: [string, string][] = [
    ['@method', method],
    ['@path', path],
    ['@query', `?${query ?? ''}`],
    ['content-digest', digest],
    ['authorization', authorization],
    ...(idempotencyKey === undefined ? [] : ([['idempotency-key', idempotencyKey]] as [string, string][])),
  ]
  const created = Math.floor(now / 1000)
  const nonce = randomBytes(18).toString('base64url')
  const keyId = signer.signing_key.key_id
  const names = covered.map(([name]) => `"${name}"`).join(' ')
  const parameters = `(${names});created=${created};nonce="${nonce}";keyid="${keyId}";alg="hmac-sha256"`
  const base = [
    ...covered.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${parameters}`,
  ]
  const secret = Buffer.from(signer.signing_key.secret, 'base64url')
  const signature = createHmac('sha256', secret).update(base.join('\n')).digest('base64')
  const headers = [
    ...covered.filter(([name]) => !name.startsWith('@')),
    ['signature-input', `sig=${parameters}`],
    ['signature', `sig=:${signature}:`],
    ...(body === '' ? [] : [['content-type', 'application/json']]),
    ...(method === 'GET' ? [] : [['content-length', String(Buffer.byteLength(body))]]),
  ]
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return {
    keyId,
    nonce,
    created,
    bytes: (traceId) =>
      Buffer.from(
        `${method} ${target} HTTP/1.1\r\nhost: purse.test\r\nconnection: close\r\n` +
          `traceparent: 00-${traceId}-${traceId.slice(0, 16)}-00\r\n${lines}\r\n${body}`,
      ),
  }
}
