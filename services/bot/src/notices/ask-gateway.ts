import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '@common-purse/client'
import { Problem } from '@common-purse/contracts'
import { StoreAwayError } from '@common-purse/kit/poison'

/** The gateway gives no answer now; what was to be told waits and is tried again. */
class GatewayAwayError extends StoreAwayError {
  override name = 'GatewayAwayError'
}

const PAUSE_MS_MAX = 30_000

/** Runs calls for a notice, for which nobody waits: what fails in passing throws StoreAwayError, after the time that was asked for. */
export async function askGateway<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isAway(error)) throw error
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0
    if (asked > 0) await sleep(Math.min(asked, PAUSE_MS_MAX), undefined, { ref: false })
    throw new GatewayAwayError('The gateway does not answer', { cause: error })
  }
}

/** A 500 is not among them: what breaks a service once would break it again, and hold up everybody's notices. */
function isAway(error: unknown): boolean {
  if (error instanceof Problem) return error.code === 'upstream_unavailable'
  return error instanceof ApiError && [401, 429, 502, 503, 504].includes(error.problem.status)
}
