import { Problem } from '@common-purse/contracts'
import type { Response } from 'express'
import { type Counter, type Hit, isAbove } from './counters.ts'

/** `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: one item for each counter. */
export function announce(res: Response, counters: readonly Counter[], hits: readonly Hit[]): void {
  const policies = counters.map(({ name, rate }) => `"${name}";q=${rate.count};w=${rate.seconds}`)
  const states = counters.map(({ name, rate }, index) => {
    const { count, leftMs } = hits[index]!
    return `"${name}";r=${Math.max(0, rate.count - count)};t=${Math.ceil(leftMs / 1000)}`
  })
  append(res, 'RateLimit-Policy', policies)
  append(res, 'RateLimit', states)
}

function append(res: Response, name: string, items: string[]): void {
  const before = res.getHeader(name)
  res.setHeader(name, (before === undefined ? items : [before, ...items]).join(', '))
}

/** Throws `rate_limited` for a counter that is above its limit: names it and says how long to wait. */
export function refuseAbove(counter: Counter, hit: Hit): void {
  if (!isAbove(counter, hit)) return
  const { name, rate } = counter
  const retryAfter = Math.max(1, Math.ceil(hit.leftMs / 1000))
  throw new Problem(
    'rate_limited',
    `More than ${rate.count} requests in ${rate.seconds} seconds (${name}); try again in ${retryAfter} seconds`,
    { retryAfter },
  )
}
