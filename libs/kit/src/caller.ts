import { ClientKind, Problem, Role } from '@common-purse/contracts'
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'

/** Who is calling, as their access token says. */
export interface Caller {
  userId: string
  sessionId: string
  familyId: string
  role: Role
  client: ClientKind
  /** Version of the membership when the token was issued; a change of role or a removal raises it. */
  memberVersion: number
  /** When the token was issued, in seconds; revocations compare with it. */
  issuedAt: number
}

/** The claims of an access token beyond those of RFC 9068 that jose checks. */
export const AccessClaims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  fam: z.uuid(),
  role: Role,
  mver: z.int(),
  client: ClientKind,
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
})
export type AccessClaims = z.output<typeof AccessClaims>

export interface TokenExpectations {
  TOKEN_ISSUER: string
  TOKEN_AUDIENCE: string
}

/** Answers at once for a token that was verified before; throws, or rejects with, a Problem that says what is wrong. */
export type VerifyToken = (authorization: string | undefined) => Caller | Promise<Caller>

const CACHED_MAX = 10_000
/** How long a key that was taken away may still count: to its end here, and as long again in what was verified. */
const KEYS_FRESH_MS = 60_000
/** How long keys are good for while the auth service cannot be reached. */
const KEYS_KEPT_MS = 600_000
/** By how much the clocks of two machines may differ. */
const CLOCKS_APART_SECONDS = 60

/** Fetches and keeps the auth service's public keys; never follows a key named by a token. */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const options = {
    timeoutDuration: 2_000,
    cooldownDuration: 1_000,
    cacheMaxAge: KEYS_KEPT_MS,
    [customFetch]: fetchKeys,
  }
  const keys = createRemoteJWKSet(new URL(url), options)
  let askedAt = performance.now() // a clock that was set back must not keep old keys
  return (header, token) => {
    if (performance.now() - askedAt > KEYS_FRESH_MS) {
      askedAt = performance.now()
      void keys.reload().catch(() => undefined) // the ones of before go on
    }
    return keys(header, token)
  }
}

/** An auth service that publishes no key at all is not well: its answer must not replace the keys that are known. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options)
  const set = (await answer
    .clone()
    .json()
    .catch(() => undefined)) as { keys?: unknown } | null | undefined
  if (Array.isArray(set?.keys) && set.keys.length === 0)
    throw new errors.JWKSInvalid('The key set holds no key')
  return answer
}

/** What was verified: good while the token is, by the time of day, and its key was just looked at, by a clock that is never set. */
interface Verified {
  caller: Caller
  expiresAt: number
  lookAgainAt: number
}

/**
 * Verifies access tokens by RFC 9068 and RFC 8725, the same way in the gateway and in every service. Those that have a
 * database take its time as `now`.
 */
export function createTokenVerifier(
  keys: JWTVerifyGetKey,
  expected: TokenExpectations,
  now: () => Date = () => new Date(),
): VerifyToken {
  const verified = new Map<string, Verified>()
  const verify = async (token: string) => {
    const claims = await verifyClaims(token, { keys, expected, now: now() })
    const caller = toCaller(claims)
    if (verified.size >= CACHED_MAX) verified.delete(verified.keys().next().value!)
    const lookAgainAt = performance.now() + KEYS_FRESH_MS
    verified.set(token, { caller, expiresAt: claims.exp * 1000, lookAgainAt })
    return caller
  }
  return (authorization) => {
    const token = bearerToken(authorization)
    const known = verified.get(token)
    if (known && known.expiresAt > now().getTime() && known.lookAgainAt > performance.now())
      return known.caller
    verified.delete(token)
    return verify(token)
  }
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new Problem('unauthenticated', 'Send an access token in Authorization: Bearer …')
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1]
  if (token === undefined)
    throw new Problem('token_invalid', 'Expected Authorization: Bearer and an access token')
  return token
}

async function verifyClaims(
  token: string,
  { keys, expected, now }: { keys: JWTVerifyGetKey; expected: TokenExpectations; now: Date },
): Promise<AccessClaims> {
  const { payload } = await jwtVerify(token, namedKey(keys), {
    issuer: expected.TOKEN_ISSUER,
    audience: expected.TOKEN_AUDIENCE,
    algorithms: ['EdDSA'],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'exp', 'iat', 'jti'],
    currentDate: now,
  }).catch((cause: unknown) => {
    throw refusal(cause)
  })
  const claims = AccessClaims.safeParse(payload)
  if (!claims.success) throw new Problem('token_invalid', 'The access token lacks claims')
  if (claims.data.iat > now.getTime() / 1000 + CLOCKS_APART_SECONDS)
    throw new Problem('token_invalid', 'The access token is from the future')
  return claims.data
}

/** A token says which key it was made with, also while there is only one. */
const namedKey =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  (header, token) => {
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey()
    return keys(header, token)
  }

const keyOutages = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']

function refusal(cause: unknown): Problem {
  // Keys that cannot be had are our fault, not the token's: a 401 would sign the whole family out.
  if (!(cause instanceof errors.JOSEError) || keyOutages.includes(cause.code))
    return new Problem('upstream_unavailable', 'The signing keys cannot be reached', { cause, retryAfter: 1 })
  if (cause instanceof errors.JWTExpired)
    return new Problem('token_expired', 'The access token has expired; refresh it', { cause })
  return new Problem('token_invalid', 'The access token is not valid', { cause })
}

const toCaller = (claims: AccessClaims): Caller => ({
  userId: claims.sub,
  sessionId: claims.sid,
  familyId: claims.fam,
  role: claims.role,
  client: claims.client,
  memberVersion: claims.mver,
  issuedAt: claims.iat,
})
