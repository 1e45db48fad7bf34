import { type InnerList, serializeInnerList } from 'structured-headers'

/** What RFC 9421 signs of a request. `target` is the raw request target: path and query exactly as sent. */
export interface SignedMessage {
  method: string
  target: string
  authority?: string
  /** Value of a header by lower-case name, or undefined when it is not there. */
  header(name: string): string | undefined
}

/** The components of the one profile of this API, in the order our own clients use (docs/SIGNING.md). */
export const profileComponents = ['@method', '@path', '@query', 'content-digest', 'authorization'] as const
export const idempotencyComponent = 'idempotency-key'
export const signatureAlgorithm = 'hmac-sha256'

const derived: Record<string, (message: SignedMessage) => string | undefined> = {
  '@method': (message) => message.method,
  '@authority': (message) => message.authority?.toLowerCase(),
  '@path': (message) => message.target.split('?', 1)[0],
  // RFC 9421 §2.2.7: an absent query counts as an empty one, which is "?".
  '@query': (message) => {
    const start = message.target.indexOf('?')
    return start === -1 ? '?' : message.target.slice(start)
  },
}

function componentValue(message: SignedMessage, name: string): string {
  const value = name.startsWith('@') ? derived[name]?.(message) : message.header(name)?.trim()
  if (value === undefined) throw new RangeError(`The request has no ${name}`)
  return value
}

/**
 * The signature base of RFC 9421 §2.5 for the covered components and parameters in `input`.
 * Throws a RangeError when the message lacks a covered component.
 */
export const signatureBase = (message: SignedMessage, input: InnerList): string =>
  signatureBaseOf(
    message,
    input[0].map(([name]) => String(name)),
    serializeInnerList(input),
  )

/** The same for the names of the components and the value of `@signature-params`, as a verifier has them before it. */
export function signatureBaseOf(
  message: SignedMessage,
  components: readonly string[],
  params: string,
): string {
  const lines = components.map((name) => `"${name}": ${componentValue(message, name)}\n`)
  return `${lines.join('')}"@signature-params": ${params}`
}

/** Builds the covered components and parameters in the order in which they will be serialised. */
export const signatureInput = (
  components: readonly string[],
  parameters: Map<string, string | number>,
): InnerList => [components.map((name) => [name, new Map<string, string>()]), parameters]
