import { hkdfSync } from 'node:crypto'
import type { VersionedSecrets } from './config.ts'

/** Key id of the bot's own calls, which carry no access token. */
export const botKeyId = 'bot.v1'

/** `v1.<session id>`: names the master secret and the session, so that checking needs no look-up. */
export const sessionKeyId = (version: string, sessionId: string): string => `${version}.${sessionId}`

/** HKDF-SHA-256 of the master secret for one session; 32 bytes. */
export const deriveSessionKey = (master: string, keyId: string): Buffer =>
  Buffer.from(
    hkdfSync('sha256', Buffer.from(master, 'base64url'), '', `common-purse session signing ${keyId}`, 32),
  )

/** The signing key a new session gets: derived from the first master secret. */
export function newSessionKey(masters: VersionedSecrets, sessionId: string) {
  const [version, master] = masters.entries().next().value!
  const keyId = sessionKeyId(version, sessionId)
  return {
    key_id: keyId,
    secret: deriveSessionKey(master, keyId).toString('base64url'),
    algorithm: 'hmac-sha256' as const,
  }
}

/** The key behind a key id and the session it belongs to, or undefined when the id is none of ours. */
export function findSessionKey(
  masters: VersionedSecrets,
  keyId: string,
): { key: Buffer; sessionId: string } | undefined {
  const [, version, sessionId] = /^(v[0-9]+)\.([0-9a-f-]{36})$/.exec(keyId) ?? []
  const master = version === undefined ? undefined : masters.get(version)
  if (master === undefined || sessionId === undefined) return undefined
  return { key: deriveSessionKey(master, keyId), sessionId }
}
