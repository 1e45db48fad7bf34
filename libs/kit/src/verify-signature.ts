import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import {
  idempotencyComponent,
  profileComponents,
  signatureBaseOf,
  type SignedMessage,
} from '@common-purse/client'
import { Problem } from '@common-purse/contracts'
import { invalid, readDictionary, type Signature } from './read-signature.ts'

/** True when the request carries anything that claims to be a signature. */
export const isSigned = (message: SignedMessage): boolean =>
  message.header('signature') !== undefined || message.header('signature-input') !== undefined

/** Throws `digest_mismatch` unless Content-Digest is the SHA-256 of exactly these bytes (RFC 9530). */
export function checkDigest(message: SignedMessage, body: Uint8Array): void {
  const header = message.header('content-digest')
  if (header === undefined) throw invalid('Content-Digest is missing; it is there for an empty body too')
  const given = usualDigest.exec(header)?.[1] ?? readDigest(header)
  const actual = hash('sha256', body, 'buffer')
  if (given === undefined || !equal(Buffer.from(given, 'base64'), actual))
    throw new Problem('digest_mismatch', 'Content-Digest is not the sha-256 of the body that arrived')
}

const usualDigest = /^sha-256=:([A-Za-z0-9+/]{43}=):$/

/** The sha-256 beside other algorithms, or in another spelling; base64. */
function readDigest(header: string): string | undefined {
  const given: unknown = readDictionary(header, 'Content-Digest').get('sha-256')?.[0]
  return given instanceof ArrayBuffer ? Buffer.from(given).toString('base64') : undefined
}

export interface Check {
  key: Uint8Array | KeyObject
  /** Components beyond the fixed ones that this route needs covered, and whether there is a token. */
  required: readonly string[]
  /** Whether a refusal may show the signature base that the server computed. */
  explain: boolean
}

/** Throws `signature_invalid` unless the signature covers what it must and holds. */
export function checkSignature(message: SignedMessage, signature: Signature, check: Check): void {
  const missing = check.required.filter((name) => !signature.components.includes(name))
  if (missing.length > 0) throw invalid(`The signature must also cover ${missing.join(' ')}`)
  const base = baseOf(message, signature)
  const expected = createHmac('sha256', check.key).update(base).digest()
  if (!equal(signature.value, expected))
    throw invalid('The signature does not match the request', check.explain ? { signature_base: base } : {})
}

function baseOf(message: SignedMessage, { components, params }: Signature): string {
  try {
    return signatureBaseOf(message, components, params)
  } catch (cause) {
    throw new Problem('signature_invalid', (cause as Error).message, { cause })
  }
}

const equal = (left: Buffer, right: Buffer) => left.length === right.length && timingSafeEqual(left, right)

/** The components a request must cover: all of the profile, without `authorization` for the bot's own calls. */
export const requiredComponents = (access: 'user' | 'bot', idempotencyRequired: boolean): string[] => [
  ...profileComponents.filter((name) => access === 'user' || name !== 'authorization'),
  ...(idempotencyRequired ? [idempotencyComponent] : []),
]
