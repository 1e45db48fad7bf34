import type { KeyObject } from 'node:crypto'
import { Problem, type Route } from '@common-purse/contracts'
import { readSignature, type VerifiedSignature } from '@common-purse/kit/read-signature'
import { botKeyId, type FindSessionKey } from '@common-purse/kit/signing-keys'
import { checkDigest, checkSignature, isSigned, requiredComponents } from '@common-purse/kit/verify-signature'
import type { Request, RequestHandler, Response } from 'express'
import { decideAge } from '../decide-age.ts'
import { policyOf, stateOf } from '../request-state.ts'

export interface SignatureOptions {
  findSessionKey: FindSessionKey
  botKey: KeyObject
  /** Whether reads must be signed too. */
  all: boolean
  /** Seconds. */
  ageOfChanges: number
  ageOfReads: number
  ahead: number
  now: () => Date
  /** Whether a refusal shows the signature base that was computed here. */
  explain: boolean
}

export const isChange = (route: Pick<Route, 'method'>): boolean => route.method !== 'GET'

/** Layer 4: the one signature profile of the API, with the key of the token's own session. */
export function verifySignature(options: SignatureOptions): RequestHandler {
  return (req, res, next) => {
    const route = policyOf(res)
    if (route.access === 'public') return next()
    const message = {
      method: req.method,
      target: req.originalUrl,
      header: (name: string) => headerOf(req, name),
    }
    if (!options.all && !isChange(route) && !isSigned(message)) return next()
    try {
      stateOf(res).signature = check(message, res, options)
    } catch (error) {
      throw error instanceof Problem ? withServerTime(error, options.now()) : error
    }
    next()
  }
}

type Message = Parameters<typeof readSignature>[0]

const headerOf = (req: Request, name: string): string | undefined => {
  const value = req.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function check(message: Message, res: Response, options: SignatureOptions): VerifiedSignature {
  const route = policyOf(res)
  if (!isSigned(message))
    throw new Problem('signature_missing', 'This call must be signed; see docs/SIGNING.md')
  // First the digest: it says most plainly that the body is not the one that was signed.
  checkDigest(message, stateOf(res).body ?? Buffer.alloc(0))
  const signature = readSignature(message)
  const required = requiredComponents(route.access === 'bot' ? 'bot' : 'user', needsKey(message, route))
  checkSignature(message, signature, {
    key: keyOf(signature, res, options),
    required,
    explain: options.explain,
  })
  const age = isChange(route) ? options.ageOfChanges : options.ageOfReads
  const wrong = decideAge(signature.created, Math.floor(options.now().getTime() / 1000), {
    age,
    ahead: options.ahead,
  })
  if (wrong !== undefined) throw new Problem('signature_expired', wrong)
  return { keyId: signature.keyId, created: signature.created, nonce: signature.nonce }
}

/** An Idempotency-Key that the route needs must be covered. Where it is missing the service says so, more plainly than a signature could. */
const needsKey = (message: Message, route: Route): boolean =>
  route.idempotency === 'required' && message.header('idempotency-key') !== undefined

function keyOf(signature: VerifiedSignature, res: Response, options: SignatureOptions): KeyObject {
  const route = policyOf(res)
  if (route.access === 'bot') {
    if (signature.keyId !== botKeyId) throw new Problem('signature_invalid', 'Only the bot signs this call')
    return options.botKey
  }
  const sessionId = stateOf(res).caller?.sessionId
  const key = sessionId === undefined ? undefined : options.findSessionKey(signature.keyId, sessionId)
  if (!key)
    throw new Problem(
      'signature_invalid',
      'keyid is not the key of the session that the access token belongs to',
    )
  return key
}

/** Every refusal of a signature tells the server's time: most of them are a wrong clock. */
export const withServerTime = (problem: Problem, now: Date): Problem =>
  new Problem(problem.code, problem.message, {
    ...problem.extras,
    cause: problem.cause,
    members: { ...problem.extras.members, server_time: now.toISOString() },
  })
