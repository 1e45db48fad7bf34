import { Problem } from '@common-purse/contracts'
import type { RequestHandler, Response } from 'express'
import type { Nonce, NonceVerdict } from '../nonce-memory.ts'
import { policyOf, stateOf } from '../request-state.ts'
import type { Limits } from './rate-limit.ts'
import { isChange, withServerTime } from './verify-signature.ts'

export interface ReplayOptions {
  /** Seconds, as for the signature's age. */
  ageOfChanges: number
  ageOfReads: number
  now: () => Date
}

/** Beyond the signature's own window, for gateways whose clocks differ. */
const MARGIN_SECONDS = 60

/**
 * Layer 5: each nonce once for each key, remembered only after its signature held. The same round trip counts the request
 * in all its counters; above a limit the nonce is not remembered.
 */
export function guardReplay(admit: Limits['admit'], options: ReplayOptions): RequestHandler {
  return async (_req, res, next) => {
    const policy = policyOf(res)
    // Public routes were counted in layer 2, and are not signed.
    if (policy.access === 'public') return next()
    const change = isChange(policy)
    const age = change ? options.ageOfChanges : options.ageOfReads
    const verdict = await admit(res, nonceOf(res, age))
    // A repeated read harms nobody.
    if (verdict !== undefined && (change || verdict !== 'unknown')) refuseUnlessNew(verdict, options.now())
    next()
  }
}

function nonceOf(res: Response, age: number): Nonce | undefined {
  const { signature, caller } = stateOf(res)
  if (!signature) return undefined
  const { keyId, nonce, created } = signature
  return {
    keyId,
    nonce,
    // The signature covers the token, so it is no older than that.
    notBefore: Math.max(created, caller?.issuedAt ?? 0),
    keepUntil: created + age + MARGIN_SECONDS,
  }
}

function refuseUnlessNew(verdict: NonceVerdict, now: Date): void {
  if (verdict === 'unknown')
    throw new Problem(
      'replay_guard_unavailable',
      'Changes cannot be checked against replays right now; sign and send again in a moment',
      { retryAfter: 1 },
    )
  if (verdict === 'seen')
    throw withServerTime(
      new Problem(
        'nonce_reused',
        'This signature was used before; a retry needs a new nonce and the same Idempotency-Key',
      ),
      now,
    )
  if (verdict === 'forgotten')
    throw withServerTime(
      new Problem(
        'signature_expired',
        'The memory of used signatures was lost after this one was made; sign again',
      ),
      now,
    )
}
