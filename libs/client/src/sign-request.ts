import type { SigningKey } from '@common-purse/contracts'
import { serializeInnerList } from 'structured-headers'
import {
  idempotencyComponent,
  profileComponents,
  signatureAlgorithm,
  signatureBase,
  signatureInput,
} from './http-signature.ts'

export interface RequestToSign {
  method: string
  /** Path and query exactly as they will be sent. */
  target: string
  /** The very bytes of the body; an absent body is an empty one. */
  body?: Uint8Array<ArrayBuffer> | string | undefined
  /** `Authorization` header; the bot's own calls have none. */
  authorization?: string | undefined
  idempotencyKey?: string | undefined
}

/** A session's key as the API gave it, or made from it by {@link importSigningKey}. */
export type KeyToSignWith = Pick<SigningKey, 'key_id' | 'secret'> | ImportedKey

/** A key that signs and cannot be read: it may be kept, and handed to other pages of the origin, as it is. */
export interface ImportedKey {
  key_id: string
  /** A `CryptoKey`, by the name that it has both in Node and in browsers. */
  key: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

/** Makes WebCrypto hold the secret; the caller can then forget it. */
export async function importSigningKey(given: Pick<SigningKey, 'key_id' | 'secret'>): Promise<ImportedKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', fromBase64Url(given.secret), hmac, false, ['sign'])
  return { key_id: given.key_id, key }
}

const utf8 = new TextEncoder()

const toBase64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)))

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** `Content-Digest` of RFC 9530 with sha-256; also for an empty body. */
export async function contentDigest(body: RequestToSign['body']): Promise<string> {
  const bytes = typeof body === 'string' ? utf8.encode(body) : (body ?? new Uint8Array())
  return `sha-256=:${toBase64(await crypto.subtle.digest('SHA-256', bytes))}:`
}

/** 144 random bits as base64url: a nonce never repeats. */
const newNonce = (): string =>
  toBase64(crypto.getRandomValues(new Uint8Array(18)).buffer)
    .replaceAll('+', '-')
    .replaceAll('/', '_')

/** The headers that sign a request by the profile of docs/SIGNING.md. Runs in Node and in browsers. */
export async function signRequest(
  request: RequestToSign,
  key: KeyToSignWith,
  now: number = Date.now(),
): Promise<Record<string, string>> {
  const headers: Record<string, string> = { 'content-digest': await contentDigest(request.body) }
  if (request.authorization !== undefined) headers['authorization'] = request.authorization
  if (request.idempotencyKey !== undefined) headers[idempotencyComponent] = request.idempotencyKey
  const components = [...profileComponents, idempotencyComponent].filter(
    (name) => name.startsWith('@') || headers[name] !== undefined,
  )
  const input = signatureInput(
    components,
    new Map<string, string | number>([
      ['created', Math.floor(now / 1000)],
      ['nonce', newNonce()],
      ['keyid', key.key_id],
      ['alg', signatureAlgorithm],
    ]),
  )
  const base = signatureBase(
    { method: request.method, target: request.target, header: (name) => headers[name] },
    input,
  )
  const { key: hmacKey } = 'key' in key ? key : await importSigningKey(key)
  const signature = toBase64(await crypto.subtle.sign('HMAC', hmacKey, utf8.encode(base)))
  return {
    ...headers,
    'signature-input': `sig=${serializeInnerList(input)}`,
    signature: `sig=:${signature}:`,
  }
}
