import { Problem } from '@common-purse/contracts'
import { traceCall } from '@common-purse/kit/spans'
import type { Request, RequestHandler, Response } from 'express'
import CircuitBreaker from 'opossum'
import { forwardedHeaders } from './forwarded-headers.ts'
import { ClientGone, createProxy } from './proxy-attempt.ts'
import { stateOf } from './request-state.ts'

export interface Upstream {
  forward: RequestHandler
  /** Whether the breaker refuses calls; half-open, when it tries one of them, counts too. */
  isOpen(): boolean
  stop(): void
}

export interface UpstreamOptions {
  name: string
  target: string
  /** Milliseconds until the answer must have begun. */
  timeoutMs: number
}

/**
 * When half of at least ten calls failed, calls are refused at once, and one is tried every two seconds. What counts is the
 * time limit of a call and a little more: one that hangs counts as begun when it begins, and as failed at its limit.
 */
const breaking = (timeoutMs: number) => ({
  timeout: false as const,
  errorThresholdPercentage: 50,
  volumeThreshold: 10,
  rollingCountTimeout: timeoutMs + 5_000,
  resetTimeout: 2_000,
  // Nobody reads them, and they would sort all latencies of the window twice a second.
  rollingPercentilesEnabled: false,
  enableSnapshots: false,
})

/** Calls of one service that may be under way at once: a service that hangs must not take what the others need. */
const CALLS_MAX = 1_000

/** The service answered, with a 5xx: that counts against it, and its answer is passed on all the same. */
class AnsweredBadly extends Error {
  override name = 'AnsweredBadly'
}

/** Proxy to one service behind its own breaker: a dead or slow service does not touch calls to the others. */
export function createUpstream({ name, target, timeoutMs }: UpstreamOptions): Upstream {
  const proxy = createProxy(target, timeoutMs)
  const call = async (req: Request, res: Response) => {
    const status = await proxy.attempt(req, res)
    if (status >= 500) throw new AnsweredBadly(`The service answered ${status}`)
    return status
  }
  // A client that leaves is nobody's fault; when it made the one call that is tried, nothing is known, and another is tried.
  const errorFilter = (error: unknown) => error instanceof ClientGone && !breaker.halfOpen
  const breaker = new CircuitBreaker(call, { name, ...breaking(timeoutMs), errorFilter })

  return {
    forward: (req, res, next) => {
      if (proxy.underWay() >= CALLS_MAX) {
        const detail = `The ${name} service has too much to do right now`
        return next(new Problem('upstream_unavailable', detail, { retryAfter: 1 }))
      }
      const state = stateOf(res)
      const headers = (req.headers = forwardedHeaders(req, state))
      const { traceparent } = state.context
      const ended = traceCall({ method: req.method, peer: name, headers, traceparent })
      breaker.fire(req, res).then(ended, (cause: unknown) => {
        ended(cause)
        // The service's own answer is on its way, or nobody waits for one.
        if (cause instanceof AnsweredBadly || res.destroyed) return
        if (res.headersSent) return void res.destroy()
        const detail = `The ${name} service does not answer right now`
        next(new Problem('upstream_unavailable', detail, { cause, retryAfter: 1 }))
      })
    },
    isOpen: () => breaker.opened || breaker.halfOpen,
    stop: () => {
      breaker.shutdown()
      proxy.stop()
    },
  }
}
