import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signRequest } from '@common-purse/client'
import { createLogger } from '@common-purse/kit/logger'
import { newSessionKey } from '@common-purse/kit/signing-keys'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { Redis } from 'ioredis'
import { SignJWT } from 'jose'
import { rememberNonces } from '../../../../tests/support/redis-memory.ts'
import { testEnvironment } from '../../../../tests/support/settings.ts'
import { loadConfig } from '../../src/config.ts'
import { startGateway } from '../../src/start.ts'
import { startUpstream, type UpstreamServer } from './upstream-server.ts'

export interface Person {
  userId: string
  familyId: string
  sessionId: string
  token: string
  key: { key_id: string; secret: string }
}

export interface Claims {
  role?: string
  mver?: number
  userId?: string
  familyId?: string
  sessionId?: string
  [claim: string]: unknown
}

export interface ToSend {
  method?: string
  body?: string | Buffer | undefined
  headers?: Record<string, string>
  idempotencyKey?: string
  person?: Person | undefined
  /** Unsigned when false; with another key when given. */
  key?: { key_id: string; secret: string } | false
  now?: number
}

/**
 * A gateway on real Redis and NATS, in front of a trivial upstream, with keys of its own. What Redis remembers under a
 * prefix that is given is left as it is.
 */
export async function startGatewayHouse(extra: Record<string, string> = {}) {
  const stack = createStopStack()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const keys = await startKeyServer(publicKey)
  stack.push(keys.stop)
  const upstream = await startUpstream()
  stack.push(upstream.stop)
  const env: Record<string, string> = {
    ...testEnvironment(),
    JWKS_URL: keys.url,
    REVOCATIONS_URL: 'http://127.0.0.1:9/revocations', // nobody: the bus alone tells, unless a test says otherwise
    AUTH_URL: upstream.url,
    LEDGER_URL: upstream.url,
    AUDIT_URL: upstream.url,
    ...extra,
  }
  const config = loadConfig(env)
  if (!extra['REDIS_PREFIX']) await rememberNonces(env)
  const gateway = await startGateway(config, createLogger('gateway', env['LOG_LEVEL']!))
  stack.push(gateway.stop)
  const redis = new Redis(testEnvironment().REDIS_URL)
  stack.push(async () => {
    await deleteKeys(redis, config.REDIS_PREFIX)
    redis.disconnect()
  })
  const mint = (claims: Claims = {}, key: KeyObject = privateKey, header: Record<string, unknown> = {}) =>
    mintPerson(config.SIGNATURE_MASTER_SECRETS, { key, header }, claims)
  return {
    env,
    config,
    url: gateway.url,
    opsUrl: gateway.opsUrl,
    gateway,
    upstream,
    keys,
    redis,
    mint,
    send: (target: string, request: ToSend = {}) => send(gateway.url, target, request),
    emptyRedis: () => deleteKeys(redis, config.REDIS_PREFIX),
    botKey: { key_id: 'bot.v1', secret: config.BOT_CLIENT_SECRET },
    stop: stack.stop,
  }
}
export type GatewayHouse = Awaited<ReturnType<typeof startGatewayHouse>>

async function deleteKeys(redis: Redis, prefix: string): Promise<void> {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(...keys)
}

async function startKeyServer(publicKey: KeyObject) {
  let mode: 'well' | 'broken' = 'well'
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' }
  const server = createServer((_req, res) => {
    if (mode === 'broken') res.statusCode = 500
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(mode === 'well' ? { keys: [jwk] } : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    break: () => void (mode = 'broken'),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function mintPerson(
  masters: ReadonlyMap<string, string>,
  { key, header }: { key: KeyObject; header: Record<string, unknown> },
  claims: Claims,
): Promise<Person> {
  const {
    userId = randomUUID(),
    familyId = randomUUID(),
    sessionId = randomUUID(),
    role = 'owner',
    mver = 1,
    ...rest
  } = claims
  const now = Math.floor(Date.now() / 1000)
  const token = await new SignJWT({
    iss: 'common-purse',
    aud: 'common-purse-api',
    sub: userId,
    sid: sessionId,
    fam: familyId,
    role,
    mver,
    client: 'api',
    iat: now,
    exp: now + 900,
    jti: randomUUID(),
    ...rest,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'one', ...header })
    .sign(key)
  return { userId, familyId, sessionId, token, key: newSessionKey(masters, sessionId) }
}

/** The headers of a request as a proper client makes them. */
export async function headersFor(target: string, request: ToSend): Promise<Record<string, string>> {
  const { method = 'GET', body, person, idempotencyKey, key = person?.key, now } = request
  const authorization = person && `Bearer ${person.token}`
  const bytes = body === undefined ? undefined : new Uint8Array(Buffer.from(body as string))
  const signed = key
    ? await signRequest({ method, target, body: bytes, authorization, idempotencyKey }, key, now)
    : given({ authorization, 'idempotency-key': idempotencyKey })
  return { ...given({ 'content-type': bytes && 'application/json' }), ...signed, ...request.headers }
}

const given = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )

/** What tests look at in the bodies of problems, of the trivial upstream and of `/health`. */
export interface Body {
  code?: string
  detail?: string
  request_id?: string
  server_time?: string
  signature_base?: string
  services?: Record<string, string>
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The parsed body; empty when it is not JSON. */
  json: Body
}

async function send(baseUrl: string, target: string, request: ToSend): Promise<Answer> {
  const headers = await headersFor(target, request)
  const answer = await fetch(baseUrl + target, {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(request.body === undefined ? {} : { body: new Uint8Array(Buffer.from(request.body as string)) }),
  })
  const text = await answer.text()
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson && text ? (JSON.parse(text) as Body) : {},
  }
}

/** Waits for a condition instead of sleeping for a guessed time. */
export async function until(condition: () => Promise<boolean> | boolean, limitMs = 8_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('The condition did not come true')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const newKey = () => randomBytes(16).toString('hex')
export type { UpstreamServer }
