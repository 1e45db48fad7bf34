import type { Handler } from '@common-purse/kit/service-app'
import type { KeyRing } from './key-ring.ts'

/** The public keys, old and new alike, for a minute's keeping: a rotation is everywhere soon. */
export const getJwks =
  (keys: KeyRing): Handler<'getJwks'> =>
  () => ({
    body: { keys: keys.all().map(({ publicJwk }) => publicJwk) },
    cacheControl: 'public, max-age=60',
  })
