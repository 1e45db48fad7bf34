import { randomUUID } from 'node:crypto'
import type { AccessClaims } from '@common-purse/kit/caller'
import { SignJWT } from 'jose'
import type { Config } from '../config.ts'

export type TokenContent = Omit<AccessClaims, 'jti'>
export type SignAccessToken = (content: TokenContent) => Promise<string>

/** Makes access tokens by RFC 9068, signed with the first of the keys. */
export function createTokenSigner(
  config: Pick<Config, 'TOKEN_SIGNING_KEYS' | 'TOKEN_ISSUER' | 'TOKEN_AUDIENCE'>,
): SignAccessToken {
  const { kid, privateKey } = config.TOKEN_SIGNING_KEYS[0]!
  return (content) =>
    new SignJWT({ ...content })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(config.TOKEN_ISSUER)
      .setAudience(config.TOKEN_AUDIENCE)
      .setJti(randomUUID())
      .sign(privateKey)
}
