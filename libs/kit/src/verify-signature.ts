import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import {
  idempotencyComponent,
  profileComponents,
  signatureAlgorithm,
  signatureBase,
  type SignedMessage,
} from '@common-purse/client'
import { Problem } from '@common-purse/contracts'
import { type InnerList, parseDictionary } from 'structured-headers'

/** A signature that holds, with what the replay guard needs. `created` is in seconds. */
export interface VerifiedSignature {
  keyId: string
  created: number
  nonce: string
}

export interface Signature extends VerifiedSignature {
  components: string[]
  value: Buffer
  input: InnerList
}

const parameterNames = ['created', 'nonce', 'keyid', 'alg']
const optional = new Set<string>([...profileComponents, idempotencyComponent])

const invalid = (detail: string, members?: Record<string, unknown>) =>
  new Problem('signature_invalid', detail, members ? { members } : {})

/** True when the request carries anything that claims to be a signature. */
export const isSigned = (message: SignedMessage): boolean =>
  message.header('signature') !== undefined || message.header('signature-input') !== undefined

/** Reads the one signature of a request by the profile; throws a Problem that says what is wrong with its form. */
export function readSignature(message: SignedMessage): Signature {
  const inputs = readDictionary(message.header('signature-input'), 'Signature-Input')
  const values = readDictionary(message.header('signature'), 'Signature')
  const [label, input] = only(inputs, 'Signature-Input')
  const [valueLabel, value] = only(values, 'Signature')
  if (label !== valueLabel) throw invalid('Signature and Signature-Input have different labels')
  if (!Array.isArray(input[0])) throw invalid('Signature-Input must hold a list of components')
  if (!(value[0] instanceof ArrayBuffer)) throw invalid('Signature must be a byte sequence')
  const list = input as InnerList
  return {
    ...readParameters(list),
    components: readComponents(list),
    value: Buffer.from(value[0]),
    input: list,
  }
}

function readDictionary(text: string | undefined, name: string) {
  if (text === undefined) throw new Problem('signature_missing', `Send ${name}; see docs/SIGNING.md`)
  try {
    return parseDictionary(text)
  } catch (cause) {
    throw new Problem('signature_invalid', `${name} is not a structured field`, { cause })
  }
}

function only<Value>(dictionary: Map<string, Value>, name: string): [string, Value] {
  const [first, ...more] = dictionary
  if (first === undefined || more.length > 0) throw invalid(`${name} must hold exactly one signature`)
  return first
}

function readComponents([items]: InnerList): string[] {
  const names = items.map(([name, parameters]) => {
    if (typeof name !== 'string' || parameters.size > 0 || !optional.has(name))
      throw invalid(`Only these components can be covered: ${[...optional].join(' ')}`)
    return name
  })
  if (new Set(names).size !== names.length) throw invalid('A component is covered twice')
  return names
}

function readParameters(list: InnerList): VerifiedSignature {
  const parameters: ReadonlyMap<string, unknown> = list[1]
  const [created, nonce, keyId, alg] = parameterNames.map((name) => parameters.get(name))
  if (parameters.size !== parameterNames.length)
    throw invalid(`The parameters must be exactly ${parameterNames.join(', ')}`)
  if (typeof created !== 'number' || !Number.isInteger(created))
    throw invalid('created must be whole seconds')
  if (typeof nonce !== 'string' || !/^[\w-]{22,64}$/.test(nonce))
    throw invalid('nonce must be 22 to 64 base64url characters')
  if (typeof keyId !== 'string') throw invalid('keyid must be a string')
  if (alg !== signatureAlgorithm) throw invalid(`alg must be "${signatureAlgorithm}"`)
  return { keyId, created, nonce }
}

/** Throws `digest_mismatch` unless Content-Digest is the SHA-256 of exactly these bytes (RFC 9530). */
export function checkDigest(message: SignedMessage, body: Uint8Array): void {
  const header = message.header('content-digest')
  if (header === undefined) throw invalid('Content-Digest is missing; it is there for an empty body too')
  const given: unknown = readDictionary(header, 'Content-Digest').get('sha-256')?.[0]
  const actual = createHash('sha256').update(body).digest()
  if (!(given instanceof ArrayBuffer) || !equal(Buffer.from(given), actual))
    throw new Problem('digest_mismatch', 'Content-Digest is not the sha-256 of the body that arrived')
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

function baseOf(message: SignedMessage, signature: Signature): string {
  try {
    return signatureBase(message, signature.input)
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
