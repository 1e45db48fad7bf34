import { Problem } from '@common-purse/contracts'
import type { VerifiedSignature } from '@common-purse/kit/verify-signature'
import type { RequestHandler } from 'express'
import type { NonceVerdict, RememberNonce } from '../nonce-memory.ts'
import { policyOf, stateOf } from '../request-state.ts'
import { isChange, withServerTime } from './verify-signature.ts'

export interface ReplayOptions {
  /** Seconds, as for the signature's age. */
  ageOfChanges: number
  ageOfReads: number
  now?: () => number
}

/** Beyond the signature's own window, for gateways whose clocks differ. */
const MARGIN_MS = 60_000

/** Layer 5: each nonce once for each key, remembered only after its signature held. */
export function guardReplay(remember: RememberNonce, options: ReplayOptions): RequestHandler {
  return async (_req, res, next) => {
    const { signature, caller } = stateOf(res)
    if (!signature) return next()
    const change = isChange(policyOf(res))
    const age = change ? options.ageOfChanges : options.ageOfReads
    const nonce = {
      keyId: signature.keyId,
      nonce: signature.nonce,
      // The signature covers the token, so it is no older than that.
      notBefore: Math.max(signature.created, caller?.issuedAt ?? 0),
      keepMs: keepMs(signature, age, options.now?.() ?? Date.now()),
    }
    const verdict = await remember(nonce).catch((cause: unknown) => {
      if (!change) return 'new' as const // a repeated read harms nobody
      const detail = 'Changes cannot be checked against replays right now; sign and send again in a moment'
      throw new Problem('replay_guard_unavailable', detail, { cause, retryAfter: 1 })
    })
    refuseUnlessNew(verdict)
    next()
  }
}

const keepMs = ({ created }: VerifiedSignature, age: number, now: number): number =>
  Math.max(1, Math.ceil((created + age) * 1000 - now)) + MARGIN_MS

function refuseUnlessNew(verdict: NonceVerdict): void {
  if (verdict === 'seen')
    throw withServerTime(
      new Problem(
        'nonce_reused',
        'This signature was used before; a retry needs a new nonce and the same Idempotency-Key',
      ),
    )
  if (verdict === 'forgotten')
    throw withServerTime(
      new Problem(
        'signature_expired',
        'The memory of used signatures was lost after this one was made; sign again',
      ),
    )
}
