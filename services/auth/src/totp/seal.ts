import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { VersionedSecrets } from '@common-purse/kit/config'
import { currentVersion, keyFor } from '../keys/one-time-secrets.ts'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const PURPOSE = 'two-step sign-in'

/** `v1.…`: a text that only who has the master secret can read, and only as this owner's. */
export function seal(masters: VersionedSecrets, owner: string, text: string): string {
  const version = currentVersion(masters)
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, keyFor(masters, version, PURPOSE)!, nonce)
  cipher.setAAD(Buffer.from(owner))
  const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${version}.${Buffer.concat([nonce, hidden, cipher.getAuthTag()]).toString('base64url')}`
}

/** The text again; undefined when its master secret is not there any more. Throws for what was tampered with. */
export function unseal(masters: VersionedSecrets, owner: string, sealed: string): string | undefined {
  const [version = '', content = ''] = sealed.split('.')
  const key = keyFor(masters, version, PURPOSE)
  if (!key) return undefined
  const bytes = Buffer.from(content, 'base64url')
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(owner))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
}

/** Whether it was sealed by the master secret that is used now. */
export const isSealedByCurrent = (masters: VersionedSecrets, sealed: string): boolean =>
  sealed.startsWith(`${currentVersion(masters)}.`)
