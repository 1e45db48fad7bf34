import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '@common-purse/contracts'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestMetrics } from '@common-purse/kit/metrics'
import { problemHandler } from '@common-purse/kit/problem-handler'
import { readContext } from '@common-purse/kit/request-context'
import express, { type Express, type Request, type RequestHandler } from 'express'
import type { Update } from 'telegraf/types'
import * as z from 'zod'
import type { Outcome } from './take-turns.ts'

interface Deps {
  /** The path of the address that Telegram was given. */
  path: string
  secret: string
  /** Handles one update; `undefined` while the bot cannot yet. */
  take(update: Update): Promise<Outcome> | undefined
  /** Told of each request that was refused, with its problem's code. */
  countRefusal(code: string): void
  metrics: RequestMetrics
  logger: Logger
}

/** Far more than any update of the kinds that are asked for. */
const BODY_MAX = '256kb'
const SECRET_HEADER = 'x-telegram-bot-api-secret-token'

const UpdateShape = z.looseObject({ update_id: z.int().min(0) })

/**
 * Where Telegram brings updates. Nothing of a request is read before its secret is right. It is answered 200 when the
 * update was handled, by this replica or another; anything else makes Telegram bring it again.
 */
export function createWebhookApp(deps: Deps): Express {
  const app = express().disable('x-powered-by').disable('etag').set('query parser', false)
  app.use((req, res, next) => {
    res.locals['context'] = readContext(req)
    res.locals['route'] = 'webhook'
    deps.metrics.observe(req, res)
    next()
  })
  app.use(requireSecret(deps.secret))
  app.use(requirePost(deps.path))
  app.use(express.raw({ type: () => true, limit: BODY_MAX, inflate: false }))
  app.use(async (req, res) => {
    const outcome = await deps.take(readUpdate(req))
    if (outcome === undefined || outcome === 'busy')
      throw new Problem('upstream_unavailable', 'The bot cannot take this yet; bring it again', {
        retryAfter: 1,
      })
    res.status(200).end()
  })
  app.use((error: unknown, _req: Request, _res: express.Response, next: express.NextFunction) => {
    deps.countRefusal(error instanceof Problem ? error.code : 'other')
    next(error)
  })
  app.use(problemHandler(deps.logger))
  return app
}

/** Compares digests, which have one length, so that neither content nor length can be learnt from the time it takes. */
function requireSecret(secret: string): RequestHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(secret)
  return (req, _res, next) => {
    const given = req.get(SECRET_HEADER) ?? ''
    if (!timingSafeEqual(digest(given), wanted))
      throw new Problem('unauthenticated', 'Only Telegram may bring updates, with the secret it was given')
    next()
  }
}

const requirePost =
  (path: string): RequestHandler =>
  (req, res, next) => {
    if (req.url !== path) throw new Problem('not_found', 'There is nothing at this address')
    if (req.method === 'POST') return next()
    res.set('allow', 'POST')
    throw new Problem('method_not_allowed', 'Updates are brought by POST')
  }

function readUpdate(req: Request): Update {
  if (!req.is('application/json'))
    throw new Problem('unsupported_media_type', 'Send the body as Content-Type: application/json')
  const parsed = UpdateShape.safeParse(parseJson(req.body))
  if (!parsed.success) throw new Problem('invalid_request', 'The body is no update of Telegram')
  return parsed.data as unknown as Update
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as unknown
  } catch (cause) {
    throw new Problem('invalid_request', 'The body is not valid JSON', { cause })
  }
}
