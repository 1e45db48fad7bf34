import { Problem } from '@common-purse/contracts'
import type { Rate } from '@common-purse/kit/config'
import type { Request, RequestHandler, Response } from 'express'
import { addressKey } from '../client-address.ts'
import type { CountHit } from '../rate-counter.ts'
import { policyOf, stateOf } from '../request-state.ts'

/** One counter: its name in `RateLimit-Policy`, how much it allows, and whose it is; undefined: it does not count this request. */
interface Limit {
  name: string
  rate: Rate
  subject(req: Request, res: Response): string | undefined
}

export interface RateLimits {
  address: Rate
  user: Rate
  family: Rate
  signUp: Rate
  bind: Rate
}

/** Layer 2. Three places, since each is known at another moment. */
export function rateLimits(count: CountHit, rates: RateLimits) {
  const limit = (limits: Limit[]): RequestHandler => limitBy(count, limits)
  return {
    /** Before anything costly. */
    byAddress: limit([{ name: 'address', rate: rates.address, subject: (_req, res) => addressOf(res) }]),
    /** As soon as the caller is known. */
    byCaller: limit([
      { name: 'user', rate: rates.user, subject: (_req, res) => stateOf(res).caller?.userId },
      { name: 'family', rate: rates.family, subject: (_req, res) => stateOf(res).caller?.familyId },
    ]),
    /** Last, so that nobody but the caller can use up what is allowed to them. */
    byRoute: limit([
      {
        name: 'sign_up',
        rate: rates.signUp,
        subject: (_req, res) => ifRate(res, 'sign_up', () => addressOf(res)),
      },
      { name: 'bind', rate: rates.bind, subject: (_req, res) => ifRate(res, 'bind', () => bindSubject(res)) },
    ]),
  }
}

const addressOf = (res: Response) => addressKey(stateOf(res).context.ip)

const ifRate = (res: Response, rate: string, subject: () => string | undefined) =>
  policyOf(res).rate === rate ? subject() : undefined

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
    const parsed = JSON.parse(body?.toString('utf8') ?? '') as { telegram_id?: unknown }
    return typeof parsed.telegram_id === 'string' ? parsed.telegram_id.slice(0, 20) : undefined
  } catch {
    return undefined
  }
}

function limitBy(count: CountHit, limits: Limit[]): RequestHandler {
  return async (req, res, next) => {
    const counted = limits.flatMap((limit) => {
      const subject = limit.subject(req, res)
      return subject === undefined ? [] : [{ limit, subject }]
    })
    const hits = await Promise.all(
      counted.map(({ limit, subject }) => count(`${limit.name}:${subject}`, limit.rate)),
    )
    for (const [index, { limit }] of counted.entries()) announce(res, limit, hits[index]!)
    for (const [index, { limit }] of counted.entries()) refuseAbove(limit, hits[index]!)
    next()
  }
}

/** `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: one item for each counter. */
function announce(
  res: Response,
  { name, rate }: Limit,
  { count, leftMs }: { count: number; leftMs: number },
): void {
  res.append('ratelimit-policy', `"${name}";q=${rate.count};w=${rate.seconds}`)
  res.append('ratelimit', `"${name}";r=${Math.max(0, rate.count - count)};t=${Math.ceil(leftMs / 1000)}`)
}

function refuseAbove({ name, rate }: Limit, { count, leftMs }: { count: number; leftMs: number }): void {
  if (count <= rate.count) return
  const retryAfter = Math.max(1, Math.ceil(leftMs / 1000))
  throw new Problem(
    'rate_limited',
    `More than ${rate.count} requests in ${rate.seconds} seconds (${name}); try again in ${retryAfter} seconds`,
    { retryAfter },
  )
}
