import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { VersionedSecrets } from '@common-purse/kit/config'

/** All that is kept of a token or a code. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** 256 random bits as base64url. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url')

/** 192 random bits as base64url. */
export const newBindingCode = (): string => randomBytes(24).toString('base64url')

/** Version of the master secret that new secrets are derived from. */
export const currentVersion = (masters: VersionedSecrets): string => masters.keys().next().value!

/** The 256-bit key of one purpose; undefined when the master secret of that version is not there any more. */
export function keyFor(masters: VersionedSecrets, version: string, purpose: string): Buffer | undefined {
  const master = masters.get(version)
  if (master === undefined) return undefined
  return Buffer.from(hkdfSync('sha256', Buffer.from(master, 'base64url'), '', `common-purse ${purpose}`, 32))
}

const derive = (masters: VersionedSecrets, version: string, purpose: string, input: string) => {
  const key = keyFor(masters, version, purpose)
  return key && createHmac('sha256', key).update(input).digest('base64url')
}

/**
 * The token after this one: always the same, so that everybody who repeats a refresh gets the same successor while only
 * hashes are stored. Undefined when the master secret is not there any more.
 */
export const successorOf = (masters: VersionedSecrets, version: string, token: string): string | undefined =>
  derive(masters, version, 'refresh successor', token)

/** The token of an invitation, which can be answered again to a repeated request without being stored. */
export const invitationToken = (masters: VersionedSecrets, version: string, id: string): string | undefined =>
  derive(masters, version, 'invitation', id)

/** Hashes that nobody can make, or guess at, without a master secret: by the current one first, then by all others. */
export const keyedHashes = (masters: VersionedSecrets, purpose: string, input: string): string[] =>
  [...masters.keys()].map((version) => `${version}.${derive(masters, version, purpose, input)!}`)
