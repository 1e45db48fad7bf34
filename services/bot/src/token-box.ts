import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { VersionedSecrets } from '@common-purse/kit/config'

/** Locks secrets away before they are stored. `owner` is bound in: a box opens for the one it was made for. */
export interface TokenBox {
  seal(text: string, owner: string): string
  /** The text, or undefined when the box was made with a key that is gone, for somebody else, or was touched. */
  open(box: string, owner: string): string | undefined
}

const algorithm = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

const keyOf = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64url'), '', 'common-purse bot tokens', 32))

/** AES-256-GCM with versioned keys: the first seals, each opens what it sealed. */
export function createTokenBox(secrets: VersionedSecrets): TokenBox {
  const keys = new Map([...secrets].map(([version, secret]) => [version, keyOf(secret)]))
  const [version, key] = keys.entries().next().value!
  return {
    seal: (text, owner) => {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open: (box, owner) => {
      const [itsVersion = '', data = ''] = box.split('.')
      const itsKey = keys.get(itsVersion)
      const bytes = Buffer.from(data, 'base64url')
      if (!itsKey || bytes.length < IV_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv(algorithm, itsKey, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      try {
        return (
          decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        )
      } catch {
        return undefined
      }
    },
  }
}
