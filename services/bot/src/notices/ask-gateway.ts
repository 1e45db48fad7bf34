import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '@common-purse/client'
import { Problem } from '@common-purse/contracts'
import { LaterError, StoreAwayError } from '@common-purse/kit/poison'

/** The gateway gives no answer now; what was to be told waits and is tried again. */
class GatewayAwayError extends StoreAwayError {
  override name = 'GatewayAwayError'
}

const PAUSE_MS_MAX = 30_000

/**
 * Runs calls for a notice, for which nobody waits: what fails in passing throws StoreAwayError, after the time that was asked
 * for. A reader who asks too much of the purse is told later (LaterError), and holds up nobody else.
 */
export async function askGateway<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isTheirOwn(error))
      throw new LaterError('A reader is over their limit', { cause: error, afterMs: msUntil(error) })
    if (!isAway(error)) throw error
    const asked = error instanceof ApiError ? msUntil(error) : 0
    if (asked > 0) await sleep(Math.min(asked, PAUSE_MS_MAX), undefined, { ref: false })
    throw new GatewayAwayError('The gateway does not answer', { cause: error })
  }
}

const msUntil = ({ retryAfter = 0 }: ApiError): number => retryAfter * 1000

/** A limit of the person, of their family, or of their Telegram account, and not of the bot's own address: the refusal names it. */
const isTheirOwn = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  error.problem.code === 'rate_limited' &&
  !error.problem.detail.includes('(address)')

/** A 500 is not among them: what breaks a service once would break it again, and hold up everybody's notices. */
function isAway(error: unknown): boolean {
  if (error instanceof Problem) return error.code === 'upstream_unavailable'
  return error instanceof ApiError && [401, 429, 502, 503, 504].includes(error.problem.status)
}
