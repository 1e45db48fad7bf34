import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { type Listening, listen } from './listen.ts'
import type { RequestMetrics } from './metrics.ts'

/** A dependency, tried by real use. One that is not `critical` is reported without taking the service out of rotation. */
export interface ReadinessCheck {
  name: string
  critical: boolean
  check(): Promise<void>
}

export interface OpsOptions {
  port: number
  host: string
  checks: ReadinessCheck[]
  metrics: RequestMetrics
  /** What the service answers here for others of the house, by path. */
  internal?: Record<string, RequestHandler>
  isStopping(): boolean
}

const CHECK_MS = 2_000

/** /healthz, /readyz, /metrics and what is for other services on a port of their own that is never public. */
export function startOps(options: OpsOptions): Promise<Listening> {
  options.metrics.gauges(
    'readiness_check_ok',
    '1 where what the service depends on works, tried by real use',
    'check',
    async () =>
      Object.fromEntries(
        await Promise.all(
          options.checks.map(async (one) => [one.name, Number((await runCheck(one)) === 'ok')] as const),
        ),
      ),
  )
  const app = express().disable('x-powered-by')
  app.get('/healthz', (_req, res) => void res.json({ status: 'ok' }))
  app.get('/readyz', async (_req, res) => {
    const results = await Promise.all(options.checks.map(runCheck))
    const failed = options.checks.filter((_, index) => results[index] !== 'ok')
    const status = options.isStopping() ? 'stopping' : statusOf(failed)
    res.status(status === 'ready' || status === 'degraded' ? 200 : 503).json({
      status,
      checks: Object.fromEntries(options.checks.map(({ name }, index) => [name, results[index]])),
    })
  })
  app.get('/metrics', async (_req, res) => {
    res.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics())
  })
  for (const [path, handler] of Object.entries(options.internal ?? {})) app.get(path, handler)
  app.use(answerFailure)
  return listen(app, options)
}

/** Degraded: requests are answered as ever, but something behind them waits. */
const statusOf = (failed: readonly ReadinessCheck[]) =>
  failed.some(({ critical }) => critical) ? 'unavailable' : failed.length > 0 ? 'degraded' : 'ready'

/** The reason is for the service's own log; who asks only learns to ask again. */
const answerFailure: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(503).json({ status: 'unavailable' })
}

async function runCheck({ check }: ReadinessCheck): Promise<'ok' | 'unavailable'> {
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('timeout')), CHECK_MS).unref()
  })
  return await Promise.race([check(), timeout]).then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  )
}
