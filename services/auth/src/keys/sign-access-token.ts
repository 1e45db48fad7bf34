import { randomUUID } from 'node:crypto'
import type { AccessClaims } from '@common-purse/kit/caller'
import { SignJWT } from 'jose'
import type { Config } from '../config.ts'
import type { KeyRing } from './key-ring.ts'

export type TokenContent = Omit<AccessClaims, 'jti'>
export type SignAccessToken = (content: TokenContent) => Promise<string>

/** Makes access tokens by RFC 9068, signed with the key whose turn it is. */
export function createTokenSigner(
  keys: KeyRing,
  config: Pick<Config, 'TOKEN_ISSUER' | 'TOKEN_AUDIENCE'>,
): SignAccessToken {
  return (content) => {
    const { kid, privateKey } = keys.signing()
    return new SignJWT({ ...content })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(config.TOKEN_ISSUER)
      .setAudience(config.TOKEN_AUDIENCE)
      .setJti(randomUUID())
      .sign(privateKey)
  }
}
