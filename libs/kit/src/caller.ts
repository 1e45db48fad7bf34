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
  let askedAt = Date.now()
  return (header, token) => {
    if (Date.now() - askedAt > KEYS_FRESH_MS) {
      askedAt = Date.now()
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

/** Verifies access tokens by RFC 9068 and RFC 8725, the same way in the gateway and in every service. */
export function createTokenVerifier(keys: JWTVerifyGetKey, expected: TokenExpectations): VerifyToken {
  const verified = new Map<string, { caller: Caller; expiresAt: number }>()
  const remember = (token: string, caller: Caller, expiresAt: number) => {
    if (verified.size >= CACHED_MAX) verified.delete(verified.keys().next().value!)
    verified.set(token, { caller, expiresAt })
  }
  const verify = async (token: string) => {
    const claims = await verifyClaims(token, keys, expected)
    const caller = toCaller(claims)
    remember(token, caller, Math.min(claims.exp * 1000, Date.now() + KEYS_FRESH_MS))
    return caller
  }
  return (authorization) => {
    const token = bearerToken(authorization)
    const known = verified.get(token)
    if (known && known.expiresAt > Date.now()) return known.caller
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
  keys: JWTVerifyGetKey,
  expected: TokenExpectations,
): Promise<AccessClaims> {
  const { payload } = await jwtVerify(token, namedKey(keys), {
    issuer: expected.TOKEN_ISSUER,
    audience: expected.TOKEN_AUDIENCE,
    algorithms: ['EdDSA'],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'exp', 'iat', 'jti'],
  }).catch((cause: unknown) => {
    throw refusal(cause)
  })
  const claims = AccessClaims.safeParse(payload)
  if (!claims.success) throw new Problem('token_invalid', 'The access token lacks claims')
  if (claims.data.iat > Date.now() / 1000 + CLOCKS_APART_SECONDS)
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
