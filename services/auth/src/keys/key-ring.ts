import { readFile } from 'node:fs/promises'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import type { Config } from '../config.ts'
import { decideSigningKey, readTokenSigningKeys, type TokenSigningKey } from './token-signing-keys.ts'

/** The keys of the access tokens as they are now. */
export interface KeyRing {
  signing(): TokenSigningKey
  /** Old and new alike. */
  all(): readonly TokenSigningKey[]
  verifying: JWTVerifyGetKey
  stop(): void
}

const LOOK_EVERY_MS = 1_000

/** Holds the keys and, when they came from a file, follows it: a rotation needs no restart. */
export function openKeyRing(
  config: Pick<Config, 'TOKEN_SIGNING_KEYS' | 'TOKEN_SIGNING_KEYS_FILE'>,
  logger: Logger,
  { gauge }: Pick<RequestMetrics, 'gauge'>,
): KeyRing {
  let keys = config.TOKEN_SIGNING_KEYS
  let verifying = verifierOf(keys)
  const follow = (text: string) => {
    const read = readTokenSigningKeys(text)
    if (!read) return logger.error('TOKEN_SIGNING_KEYS_FILE holds no keys; the ones of before stay in use')
    keys = read
    verifying = verifierOf(keys)
    logger.info({ kids: keys.map(({ kid }) => kid) }, 'The keys of the access tokens were read')
  }
  const stop = config.TOKEN_SIGNING_KEYS_FILE
    ? followFile(config.TOKEN_SIGNING_KEYS_FILE, follow, logger)
    : () => undefined
  // One that says no time may be any age.
  gauge('auth_signing_key_age_seconds', 'Since the key that signs tokens began to', () => {
    const { notBefore } = decideSigningKey(keys, Date.now())
    return notBefore > 0 ? (Date.now() - notBefore) / 1000 : Number.NaN
  })
  return {
    signing: () => decideSigningKey(keys, Date.now()),
    all: () => keys,
    verifying: (header, token) => verifying(header, token),
    stop,
  }
}

const verifierOf = (keys: readonly TokenSigningKey[]) =>
  createLocalJWKSet({ keys: keys.map(({ publicJwk }) => publicJwk) })

/** Calls `changed` with the file's text whenever it is another one. Mounted secrets are replaced, so no file is watched. */
function followFile(path: string, changed: (text: string) => void, logger: Logger): () => void {
  let last: string | undefined
  let missing = false
  const look = async () => {
    try {
      const text = await readFile(path, 'utf8')
      if (text !== last) changed(text) // the first time too: it may have changed since the settings were read
      last = text
      missing = false
    } catch (error) {
      if (!missing)
        logger.error(
          { code: (error as NodeJS.ErrnoException).code },
          'TOKEN_SIGNING_KEYS_FILE cannot be read',
        )
      missing = true
    }
  }
  void look()
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
