import type { Rate } from '@common-purse/kit/config'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Admission } from '../admission.ts'
import { addressKey } from '../client-address.ts'
import type { Counter } from '../counters.ts'
import type { Nonce, NonceVerdict } from '../nonce-memory.ts'
import { announce, refuseAbove } from '../rate-limit-headers.ts'
import { policyOf, stateOf } from '../request-state.ts'

export interface RateLimits {
  address: Rate
  user: Rate
  family: Rate
  signUp: Rate
  bind: Rate
}

/**
 * Layer 2. A request is counted once, in all its counters together: one that needs a caller in layer 5, when the caller and
 * the signature are known, everything else here. Before that it is refused if a counter is known to be used up.
 */
export function rateLimits(admission: Admission, rates: RateLimits) {
  const countersOf = (res: Response): Counter[] => [
    addressCounter(res, rates),
    ...callerCounters(res, rates),
    ...routeCounters(res, rates),
  ]
  const refuseUsedUp = (res: Response, counters: Counter[]): void => {
    for (const counter of counters) {
      const leftMs = admission.leftMs(counter)
      if (leftMs === undefined) continue
      // An address that is over its limit need not be counted further; for other refusals it still is, on the way out.
      if (counter.name === 'address') stateOf(res).counted = true
      const hit = { count: counter.rate.count + 1, leftMs }
      announce(res, [counter], [hit])
      refuseAbove(counter, hit)
    }
  }
  const admit = async (
    res: Response,
    counters: Counter[],
    nonce?: Nonce,
  ): Promise<NonceVerdict | undefined> => {
    stateOf(res).counted = true
    const { hits, verdict } = await admission.admit(counters, nonce)
    announce(res, counters, hits)
    counters.forEach((counter, index) => refuseAbove(counter, hits[index]!))
    return verdict
  }

  return {
    /** Before anything costly: nothing is done for an address that is known to be over its limit. */
    byAddress: ((_req, res, next) => {
      const address = addressCounter(res, rates)
      refuseUsedUp(res, [address])
      const { policy } = stateOf(res)
      if (policy && policy.access !== 'public') return next()
      return admit(res, policy ? countersOf(res) : [address]).then(() => next())
    }) satisfies RequestHandler,

    /** As soon as the caller is known: nor is a body read for one who is over theirs. */
    byCaller: ((_req, res, next) => {
      if (stateOf(res).caller)
        refuseUsedUp(res, [...callerCounters(res, rates), ...routeCounters(res, rates)])
      next()
    }) satisfies RequestHandler,

    /** Layer 5: counts in everything at once and remembers the nonce; throws `rate_limited` above a limit. */
    admit: (res: Response, nonce: Nonce | undefined) => admit(res, countersOf(res), nonce),

    /** What was refused before it was counted counts for its address all the same. */
    countRefused: (async (error: unknown, _req, res, next) => {
      if (stateOf(res).counted) return next(error)
      const address = [addressCounter(res, rates)]
      refuseUsedUp(res, address)
      await admit(res, address)
      next(error)
    }) satisfies ErrorRequestHandler,
  }
}

export type Limits = ReturnType<typeof rateLimits>

const addressCounter = (res: Response, rates: RateLimits): Counter => ({
  name: 'address',
  subject: addressKey(stateOf(res).context.ip),
  rate: rates.address,
})

function callerCounters(res: Response, rates: RateLimits): Counter[] {
  const { caller } = stateOf(res)
  if (!caller) return []
  return [
    { name: 'user', subject: caller.userId, rate: rates.user },
    { name: 'family', subject: caller.familyId, rate: rates.family },
  ]
}

function routeCounters(res: Response, rates: RateLimits): Counter[] {
  const { rate } = policyOf(res)
  if (rate === 'sign_up') return [{ ...addressCounter(res, rates), name: 'sign_up', rate: rates.signUp }]
  if (rate !== 'bind') return []
  const subject = bindSubject(res)
  return subject === undefined ? [] : [{ name: 'bind', subject, rate: rates.bind }]
}

/** Guesses count for the user who guesses, codes for the Telegram identity they are made for. */
function bindSubject(res: Response): string | undefined {
  const { caller, body } = stateOf(res)
  if (caller) return caller.userId
  const telegramId = readTelegramId(body)
  return telegramId === undefined ? undefined : `telegram-${telegramId}`
}

/** Reads the body's telegram_id and leaves the bytes alone; a body that is not what it should be is refused by the service. */
function readTelegramId(body: Buffer | undefined): string | undefined {
  try {
    const parsed = JSON.parse(body?.toString('utf8') ?? '') as { telegram_id?: unknown } | null
    return typeof parsed?.telegram_id === 'string' ? parsed.telegram_id.slice(0, 20) : undefined
  } catch {
    return undefined
  }
}
