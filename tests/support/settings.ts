import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'

const secret = () => randomBytes(32).toString('base64url')

/** Secrets and servers of one test house; every house has its own. */
export function testEnvironment() {
  const { privateKey } = generateKeyPairSync('ed25519')
  const prefix = `t${randomBytes(4).toString('hex')}`
  return {
    NODE_ENV: 'test',
    PORT: '0',
    OPS_PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    NATS_URL: required('TEST_NATS_URL'),
    NATS_PREFIX: prefix,
    REDIS_URL: required('TEST_REDIS_URL'),
    REDIS_PREFIX: `${prefix}:`,
    // A machine that is busy with other tests is not a Redis that is away.
    REDIS_TIMEOUT_MS: '5000',
    // The emulator has no limits.
    TELEGRAM_RATE_CHAT: '1000/1',
    TELEGRAM_RATE_ALL: '1000/1',
    TELEGRAM_NOTICES_CHAT: '1000/1',
    TOKEN_SIGNING_KEYS: JSON.stringify([
      { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'EdDSA', use: 'sig' },
    ]),
    SIGNATURE_MASTER_SECRETS: `v1:${secret()}`,
    BOT_CLIENT_SECRET: secret(),
    BOT_TOKEN_KEYS: `v1:${secret()}`,
    PUBLIC_URL: 'http://127.0.0.1:8000',
  }
}

export function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test\``)
  return value
}
