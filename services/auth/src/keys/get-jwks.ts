import type { Handler } from '@common-purse/kit/service-app'
import type { TokenSigningKey } from './token-signing-keys.ts'

/** The public keys, old and new alike, for a minute's keeping: a rotation is everywhere soon. */
export const getJwks = (keys: readonly TokenSigningKey[]): Handler<'getJwks'> => {
  const body = { keys: keys.map(({ publicJwk }) => publicJwk) }
  return () => ({ body, cacheControl: 'public, max-age=60' })
}
