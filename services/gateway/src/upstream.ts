import { Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { Problem, type ProblemCode, problems } from '@common-purse/contracts'
import { problemCodeHeader } from '@common-purse/kit/problem-handler'
import type { Request, RequestHandler, Response } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import CircuitBreaker from 'opossum'
import { forwardedHeaders } from './forwarded-headers.ts'
import { stateOf } from './request-state.ts'

export interface Upstream {
  forward: RequestHandler
  /** Whether the breaker lets calls through; half-open counts as open. */
  isOpen(): boolean
  stop(): void
}

export interface UpstreamOptions {
  name: string
  target: string
  /** Until the answer must have begun. */
  timeoutMs: number
}

/** One attempt at a service: it is settled when the answer begins or cannot come any more. */
interface Attempt {
  begun(status: number): void
  failed(error: Error): void
  sending(request: ClientRequest): void
}

const attemptOf = (res: Response): Attempt => res.locals['attempt'] as Attempt
const RESET_MS = 2_000

/** Proxy to one service behind its own breaker: a dead or slow service does not touch calls to the others. */
export function createUpstream({ name, target, timeoutMs }: UpstreamOptions): Upstream {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 })
  const proxy = createProxyMiddleware<Request, Response>({
    target,
    agent,
    changeOrigin: true,
    // For an answer that stops in the middle; until it begins, the attempt's own timer counts.
    proxyTimeout: timeoutMs + 500,
    ejectPlugins: true,
    plugins: [
      (server) => {
        server.on('proxyReq', (proxyReq, req, res) => sendBody(proxyReq, req as Request, res as Response))
        server.on('proxyRes', (proxyRes, req, res) => passOn(proxyRes, req as Request, res as Response))
        server.on('error', (error, _req, res) => attemptOf(res as Response)?.failed(error))
        server.on('econnreset', (error, _req, res) => attemptOf(res as Response)?.failed(error))
      },
    ],
  })

  const attempt = (req: Request, res: Response, mayRepeat: boolean): Promise<number> =>
    new Promise<number>((resolve, reject) => {
      let sent: ClientRequest | undefined
      let settled = false
      const settle = (done: () => void) => {
        if (settled) return
        settled = true
        clearTimeout(timer)
        done()
      }
      const failed = (error: Error) =>
        settle(() => {
          if (mayRepeat && isStale(error, sent, res)) resolve(attempt(req, res, false))
          else reject(error)
        })
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`No answer within ${timeoutMs} ms`)))
        sent?.destroy()
      }, timeoutMs)
      res.once('close', () => failed(new ClientGone()))
      res.locals['attempt'] = {
        begun: (status) => settle(() => resolve(status)),
        failed,
        sending: (request) => (sent = request),
      } satisfies Attempt
      proxy(req, res, failed as (error?: unknown) => void).catch(failed)
    })

  const breaker = new CircuitBreaker(
    async (req: Request, res: Response) => {
      const status = await attempt(req, res, isRepeatable(req))
      if (status >= 500) throw new AnsweredBadly(status)
    },
    {
      name,
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: 10,
      resetTimeout: RESET_MS,
      rollingCountTimeout: 5_000,
      errorFilter: (error: unknown) => error instanceof ClientGone,
    },
  )

  return {
    forward: (req, res, next) => {
      req.headers = forwardedHeaders(req, stateOf(res))
      breaker.fire(req, res).catch((cause: unknown) => {
        // The service's own answer is on its way, or nobody waits for one.
        if (cause instanceof AnsweredBadly || res.destroyed) return
        if (res.headersSent) return void res.destroy()
        next(
          new Problem('upstream_unavailable', `The ${name} service does not answer right now`, {
            cause,
            retryAfter: 1,
          }),
        )
      })
    },
    isOpen: () => breaker.opened || breaker.halfOpen,
    stop: () => {
      breaker.shutdown()
      agent.destroy()
    },
  }
}

/** The service answered, with a 5xx: that counts against it, and its answer is passed on all the same. */
class AnsweredBadly extends Error {
  constructor(status: number) {
    super(`The service answered ${status}`)
  }
}

/** The client went away; nobody at the service is to blame. */
class ClientGone extends Error {
  override name = 'ClientGone'
}

/** A request that may reach the service twice without harm. */
const isRepeatable = (req: Request): boolean =>
  req.method === 'GET' || req.headers['idempotency-key'] !== undefined

/** The service closed a kept connection just as it was used again: it never saw the request. */
const isStale = (error: Error, sent: ClientRequest | undefined, res: Response): boolean =>
  sent?.reusedSocket === true && !res.headersSent && (error as NodeJS.ErrnoException).code === 'ECONNRESET'

/** Writes the very bytes that came in; the request stream is used up and only ends the proxied request. */
function sendBody(proxyReq: ClientRequest, _req: Request, res: Response): void {
  attemptOf(res).sending(proxyReq)
  const { body } = stateOf(res)
  if (body !== undefined && body.length > 0 && !proxyReq.writableEnded) proxyReq.end(body)
}

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]
const internal = ['x-powered-by', 'server', problemCodeHeader]

function passOn(proxyRes: IncomingMessage, req: Request, res: Response): void {
  const code = proxyRes.headers[problemCodeHeader]
  if (typeof code === 'string' && Object.hasOwn(problems, code))
    stateOf(res).problemCode = code as ProblemCode
  for (const name of [...hopByHop, ...internal]) delete proxyRes.headers[name]
  // Set by us for this connection: what the proxy would put here comes from headers that are not forwarded.
  proxyRes.headers.connection = wantsClose(req, res) ? 'close' : 'keep-alive'
  attemptOf(res).begun(proxyRes.statusCode ?? 502)
}

const wantsClose = (req: Request, res: Response): boolean =>
  !res.shouldKeepAlive || res.getHeader('connection') === 'close' || req.httpVersion === '1.0'
