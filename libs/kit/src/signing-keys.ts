import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
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

/** The key of a session by its key id, or undefined when the id names another session or none of our secrets. */
export type FindSessionKey = (keyId: string, sessionId: string) => KeyObject | undefined

const REMEMBERED_MAX = 10_000

/** Derives keys and remembers them; only those of sessions that somebody has shown a token for, so that nobody fills it. */
export function createSessionKeys(masters: VersionedSecrets): FindSessionKey {
  const remembered = new Map<string, KeyObject>()
  return (keyId, sessionId) => {
    const [, version, named] = /^(v[0-9]+)\.([0-9a-f-]{36})$/.exec(keyId) ?? []
    const master = version === undefined ? undefined : masters.get(version)
    if (master === undefined || named !== sessionId) return undefined
    const known = remembered.get(keyId)
    if (known) return known
    const key = createSecretKey(deriveSessionKey(master, keyId))
    if (remembered.size >= REMEMBERED_MAX) remembered.delete(remembered.keys().next().value!)
    remembered.set(keyId, key)
    return key
  }
}
