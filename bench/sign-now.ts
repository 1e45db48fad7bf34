import { createHash, createHmac, randomBytes } from 'node:crypto'
import { serializeInnerList } from 'structured-headers'
import {
  idempotencyComponent,
  profileComponents,
  signatureAlgorithm,
  signatureBase,
  signatureInput,
} from '../libs/client/src/http-signature.ts'

/** Who signs: an access token and the session's key. */
export interface Signer {
  token: string
  keyId: string
  secret: Buffer
}

/**
 * The headers of a signed request, made without waiting: WebCrypto, which the client library uses for the browsers' sake,
 * takes several turns of the event loop for each signature, and here one process signs for all callers.
 */
export function signNow(
  { token, keyId, secret }: Signer,
  { method, target, body }: { method: string; target: string; body: string },
  idempotencyKey?: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    'content-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
    authorization: `Bearer ${token}`,
    ...(idempotencyKey !== undefined && { [idempotencyComponent]: idempotencyKey }),
  }
  const components = [...profileComponents, idempotencyComponent].filter(
    (name) => name.startsWith('@') || headers[name] !== undefined,
  )
  const parameters = new Map<string, string | number>([
    ['created', Math.floor(Date.now() / 1000)],
    ['nonce', randomBytes(18).toString('base64url')],
    ['keyid', keyId],
    ['alg', signatureAlgorithm],
  ])
  const input = signatureInput(components, parameters)
  const base = signatureBase({ method, target, header: (name) => headers[name] }, input)
  const signature = createHmac('sha256', secret).update(base).digest('base64')
  return {
    ...headers,
    'signature-input': `sig=${serializeInnerList(input)}`,
    signature: `sig=:${signature}:`,
  }
}
