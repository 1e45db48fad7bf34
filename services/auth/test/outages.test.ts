import { startAuth } from '../src/start.ts'
import { loadConfig } from '../src/config.ts'
import { createLogger } from '@common-purse/kit/logger'
import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { type AuthHouse, givenOwner, refused, startAuthHouse } from './auth-house.ts'

const readiness = async (auth: AuthHouse) => {
  const answer = await fetch(`${auth.house.opsUrls.auth}/readyz`)
  return {
    status: answer.status,
    body: (await answer.json()) as { status: string; checks: Record<string, string> },
  }
}

const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}

test('what was registered reaches the bus', async () => {
  const auth = await startAuthHouse()
  try {
    await givenOwner(auth)
    await until(
      async () => (await auth.rows('SELECT 1 FROM auth.outbox WHERE published_at IS NULL')).length === 0,
    )
    const checks = { api: 'ok', postgres: 'ok', nats: 'ok', outbox: 'ok', postgres_writes: 'ok' }
    expect((await readiness(auth)).body).toEqual({ status: 'ready', checks })
  } finally {
    await auth.stop()
  }
})

test('without NATS people register and sign in, and their events wait', async () => {
  const auth = await startAuthHouse({ NATS_URL: 'nats://127.0.0.1:9' })
  try {
    const { email, password } = await givenOwner(auth)
    await auth.api.call('login', { body: { email, password } })
    expect(await auth.rows('SELECT 1 FROM auth.outbox WHERE published_at IS NULL')).toHaveLength(5)
    expect(await readiness(auth)).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        checks: { postgres: 'ok', nats: 'unavailable' },
      },
    })
  } finally {
    await auth.stop()
  }
})

describe('keys that are rotated', () => {
  const newKey = (kid: string) => {
    const { privateKey } = generateKeyPairSync('ed25519')
    return { ...privateKey.export({ format: 'jwk' }), kid }
  }

  test('old tokens, refresh tokens and invitations go on beside the new ones', async () => {
    const auth = await startAuthHouse()
    const { env, database } = auth.house
    const fresh = Buffer.from(
      generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }),
    ).subarray(-32)
    const rotated = await startAuth(
      loadConfig({
        ...env,
        DATABASE_URL: database.urlOf('auth'),
        TOKEN_SIGNING_KEYS: JSON.stringify([
          newKey('new'),
          ...(JSON.parse(env['TOKEN_SIGNING_KEYS']!) as object[]),
        ]),
        SIGNATURE_MASTER_SECRETS: `v2:${fresh.toString('base64url')},${env['SIGNATURE_MASTER_SECRETS']}`,
      }),
      createLogger('auth', 'silent'),
    )
    const there: AuthHouse = { ...auth, api: auth.apiAt(rotated.url) }
    try {
      const owner = await givenOwner(auth)
      await there.api.call('getMe', { credentials: owner.credentials })
      const body = { refresh_token: owner.session.refresh_token }
      const first = await auth.api.call('refreshToken', { body })
      const repeated = await there.api.call('refreshToken', { body })
      expect(repeated.refresh_token).toBe(first.refresh_token)
      const invite = (house: AuthHouse) =>
        house.api.call('createInvitation', {
          params: { id: owner.session.family.id },
          body: { role: 'child' },
          credentials: owner.credentials,
          idempotencyKey: 'over-a-rotation',
        })
      expect(await invite(there)).toEqual(await invite(there))
      const next = await there.api.call('refreshToken', { body: { refresh_token: first.refresh_token } })
      expect(next.signing_key.key_id).toBe(`v2.${next.session_id}`)
      // The process that does not know the new key yet refuses it and does nothing else.
      await refused(
        auth.api.call('getMe', { credentials: { accessToken: next.access_token } }),
        'token_invalid',
      )
    } finally {
      await rotated.stop()
      await auth.stop()
    }
  })
})

describe('the settings', () => {
  const good = () => ({
    DATABASE_URL: 'postgres://x',
    NATS_URL: 'nats://x',
    PUBLIC_URL: 'http://x/',
    TOKEN_SIGNING_KEYS: '[]',
    SIGNATURE_MASTER_SECRETS: 'v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    BOT_CLIENT_SECRET: 'short-secret-of-somebody',
  })

  test('that are missing or weak stop the start; the message names them and shows no value', () => {
    let message = ''
    try {
      loadConfig(good())
    } catch (error) {
      message = (error as Error).message
    }
    for (const name of ['TOKEN_SIGNING_KEYS', 'SIGNATURE_MASTER_SECRETS', 'BOT_CLIENT_SECRET'])
      expect(message).toContain(name)
    expect(message).not.toContain('short-secret')
    expect(message).not.toContain('AAAA')
  })
})
