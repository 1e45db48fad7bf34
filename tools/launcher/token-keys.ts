import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from './failure.ts'
import { writeSecretFile } from './write-secret-file.ts'

/** A private Ed25519 JWK of the access tokens. */
export interface TokenKey {
  kid: string
  /** From when on it signs; without it, from the beginning. */
  not_before?: string
  [member: string]: unknown
}

export const tokenKeysPath = (dataDir: string) => join(dataDir, 'token-signing-keys.json')

export function createTokenKey(notBefore?: Date): TokenKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('base64url'),
    alg: 'EdDSA',
    use: 'sig',
    ...(notBefore ? { not_before: notBefore.toISOString() } : {}),
  }
}

export function readTokenKeys(path: string): TokenKey[] {
  const text = readFileSync(path, 'utf8')
  try {
    const keys = JSON.parse(text) as TokenKey[]
    if (Array.isArray(keys) && keys.length > 0 && keys.every(({ kid }) => typeof kid === 'string'))
      return keys
  } catch {
    // the error's text could show a part of a key
  }
  throw failure(`${path} holds no list of keys.`, 'Restore it from a backup.')
}

/** The data folder's file of keys; made on the first start, and from the secrets where an older version kept it. */
export function ensureTokenKeys(dataDir: string): string {
  const path = tokenKeysPath(dataDir)
  const secretsPath = join(dataDir, 'secrets.json')
  const secrets = existsSync(secretsPath) ? readFileSync(secretsPath, 'utf8') : '{}'
  const { tokenSigningKeys, ...others } = JSON.parse(secrets) as Record<string, unknown>
  const kept = typeof tokenSigningKeys === 'string' ? (JSON.parse(tokenSigningKeys) as unknown) : undefined
  if (!existsSync(path)) writeSecretFile(path, kept ?? [createTokenKey()])
  if (kept !== undefined) writeSecretFile(secretsPath, others) // only now: a key lies in one place, and never in none
  return path
}
