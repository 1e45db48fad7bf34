import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import * as z from 'zod'

const PrivateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  d: z.string().regex(/^[\w-]{43}$/),
  x: z.string().regex(/^[\w-]{43}$/),
  kid: z.string().regex(/^[\w.-]{1,64}$/),
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
  privateKey: KeyObject
  publicJwk: PublicJwk
}

const expected = 'Expected a JSON array of private Ed25519 JWKs, each with a kid of its own'

/** Reads TOKEN_SIGNING_KEYS. A public part is worked out from its private one, so that the two cannot differ. */
export const TokenSigningKeys = z.string().transform((text, context): readonly TokenSigningKey[] => {
  const keys = readKeys(text)
  if (keys && new Set(keys.map(({ kid }) => kid)).size === keys.length) return keys
  context.addIssue({ code: 'custom', message: expected })
  return z.NEVER
})

function readKeys(text: string): TokenSigningKey[] | undefined {
  try {
    return z.array(PrivateJwk).min(1).parse(JSON.parse(text)).map(toSigningKey)
  } catch {
    return undefined // the error's text could show a part of a key
  }
}

function toSigningKey(jwk: z.output<typeof PrivateJwk>): TokenSigningKey {
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    kid: jwk.kid,
    privateKey,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: x!, kid: jwk.kid, alg: 'EdDSA', use: 'sig' },
  }
}
