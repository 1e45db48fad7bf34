import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import * as z from 'zod'

const PrivateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  d: z.string().regex(/^[\w-]{43}$/),
  x: z.string().regex(/^[\w-]{43}$/),
  kid: z.string().regex(/^[\w.-]{1,64}$/),
  /** From when on it signs; without it, from the beginning. It is published at once, so that everybody knows it by then. */
  not_before: z.iso.datetime({ offset: true }).optional(),
})

export interface PublicJwk {
  [member: string]: string
  kty: 'OKP'
  crv: 'Ed25519'
  x: string
  kid: string
  alg: 'EdDSA'
  use: 'sig'
}

export interface TokenSigningKey {
  kid: string
  /** Milliseconds since 1970. */
  notBefore: number
  privateKey: KeyObject
  publicJwk: PublicJwk
}

const expected = 'Expected a JSON array of private Ed25519 JWKs, each with a kid of its own'

/** Reads TOKEN_SIGNING_KEYS. A public part is worked out from its private one, so that the two cannot differ. */
export const TokenSigningKeys = z.string().transform((text, context): readonly TokenSigningKey[] => {
  const keys = readTokenSigningKeys(text)
  if (keys) return keys
  context.addIssue({ code: 'custom', message: expected })
  return z.NEVER
})

/** Undefined for what is not a list of keys: an error's text could show a part of one. */
export function readTokenSigningKeys(text: string): readonly TokenSigningKey[] | undefined {
  try {
    const keys = z.array(PrivateJwk).min(1).parse(JSON.parse(text)).map(toSigningKey)
    return new Set(keys.map(({ kid }) => kid)).size === keys.length ? keys : undefined
  } catch {
    return undefined
  }
}

/** The newest key whose time has come signs; of those that came at the same time the first. */
export function decideSigningKey(keys: readonly TokenSigningKey[], now: number): TokenSigningKey {
  const newestFirst = keys.toSorted((one, other) => other.notBefore - one.notBefore)
  return newestFirst.find(({ notBefore }) => notBefore <= now) ?? newestFirst.at(-1)!
}

function toSigningKey(jwk: z.output<typeof PrivateJwk>): TokenSigningKey {
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    kid: jwk.kid,
    notBefore: jwk.not_before === undefined ? 0 : Date.parse(jwk.not_before),
    privateKey,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: x!, kid: jwk.kid, alg: 'EdDSA', use: 'sig' },
  }
}
