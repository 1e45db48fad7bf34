import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Session } from '../../libs/contracts/src/index.ts'
import type { House } from './house.ts'

export type Part = Record<string, unknown>

export interface Change {
  /** Members of the header; an undefined one is left out. Or the whole header, as text. */
  header?: Part | string
  /** The same for the claims. */
  claims?: Part | string
  /** Signed by our own key unless another is given. */
  key?: KeyObject
  signature?: string
}

/** Whole seconds, as tokens count. */
export const seconds = () => Math.floor(Date.now() / 1000)

const encode = (part: Part | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

const claimsOf = (session: Session): Part =>
  JSON.parse(Buffer.from(session.access_token.split('.')[1]!, 'base64url').toString()) as Part

/** The signature of a session's own token under other claims. */
export function tampered(session: Session, claims: Part): string {
  const [head, , signature] = session.access_token.split('.')
  return `${head}.${encode({ ...claimsOf(session), ...claims })}.${signature}`
}

/** Makes tokens like the one of a session, but changed: with the house's own key, or with whatever an attacker has. */
export function tokenForge(house: House, session: () => Session) {
  const [jwk] = JSON.parse(house.env['TOKEN_SIGNING_KEYS']!) as { kid: string; x: string }[]
  const ours = { key: createPrivateKey({ key: jwk!, format: 'jwk' }), kid: jwk!.kid, x: jwk!.x }
  const { privateKey: strangersKey, publicKey } = generateKeyPairSync('ed25519')

  const part = (change: Part | string = {}, own: Part) =>
    encode(typeof change === 'string' ? change : { ...own, ...change })
  const contentOf = (change: Change) =>
    [
      part(change.header, { alg: 'EdDSA', typ: 'at+jwt', kid: ours.kid }),
      part(change.claims, claimsOf(session())),
    ].join('.')

  function token(change: Change = {}): string {
    const content = contentOf(change)
    const made = () => sign(null, Buffer.from(content), change.key ?? ours.key).toString('base64url')
    return `${content}.${change.signature ?? made()}`
  }

  function hmac(secret: string | Buffer): string {
    const content = contentOf({ header: { alg: 'HS256' } })
    return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
  }

  function byOtherAlgorithm(alg: 'ES256' | 'RS256'): string {
    const { privateKey } =
      alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
    const content = contentOf({ header: { alg } })
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
    return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`
  }

  return {
    ours,
    strangersKey,
    strangersJwk: publicKey.export({ format: 'jwk' }),
    token,
    hmac,
    byOtherAlgorithm,
  }
}
export type TokenForge = ReturnType<typeof tokenForge>
