import { Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { problems } from '@common-purse/contracts'
import { problemCodeHeader } from '@common-purse/kit/problem-handler'
import type { Request, Response } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { stateOf } from './request-state.ts'

/** The client went away; nobody at the service is to blame. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

export interface Proxy {
  /** Resolves with the status when the service's answer begins; rejects when it cannot come any more. */
  attempt(req: Request, res: Response): Promise<number>
  stop(): void
}

/** One attempt at a service, as the proxy's events see it. */
interface Attempt {
  begun(status: number): void
  failed(error: Error): void
  sending(request: ClientRequest): void
}

const attemptOf = (res: Response) => res.locals['attempt'] as Attempt | undefined

/** http-proxy-middleware with kept connections, for bodies that were read already, and with a time limit of its own. */
export function createProxy(target: string, timeoutMs: number): Proxy {
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
        server.on('proxyReq', (proxyReq, _req, res) => sendBody(proxyReq, res))
        server.on('proxyRes', (proxyRes, req, res) => passOn(proxyRes, req, res))
        server.on('error', (error, _req, res) => attemptOf(res as Response)?.failed(error))
        server.on('econnreset', (error, _req, res) => attemptOf(res)?.failed(error))
      },
    ],
  })

  const attemptOnce = (req: Request, res: Response, mayRepeat: boolean): Promise<number> =>
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
          if (mayRepeat && isStale(error, sent, res)) resolve(attemptOnce(req, res, false))
          else reject(error)
        })
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`No answer within ${timeoutMs} ms`)))
        sent?.destroy()
      }, timeoutMs)
      res.once('close', () => {
        if (!settled) failed(new ClientGone())
      })
      res.locals['attempt'] = {
        begun: (status) => settle(() => resolve(status)),
        failed,
        sending: (request) => (sent = request),
      } satisfies Attempt
      proxy(req, res, failed as (error?: unknown) => void).catch(failed)
    })

  return {
    attempt: (req, res) => attemptOnce(req, res, isRepeatable(req)),
    stop: () => agent.destroy(),
  }
}

/** A request that may reach the service twice without harm. */
const isRepeatable = (req: Request): boolean =>
  req.method === 'GET' || req.headers['idempotency-key'] !== undefined

/** The service closed a kept connection just as it was used again: it never saw the request. */
const isStale = (error: Error, sent: ClientRequest | undefined, res: Response): boolean =>
  sent?.reusedSocket === true && !res.headersSent && (error as NodeJS.ErrnoException).code === 'ECONNRESET'

/** Writes the very bytes that came in; the request stream is used up and only ends the proxied request. */
function sendBody(proxyReq: ClientRequest, res: Response): void {
  attemptOf(res)?.sending(proxyReq)
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
  if (typeof code === 'string' && Object.hasOwn(problems, code)) stateOf(res).problemCode = code
  for (const name of [...hopByHop, ...internal]) delete proxyRes.headers[name]
  // Set by us for this connection: what the proxy would put here comes from headers that are not forwarded.
  proxyRes.headers.connection = wantsClose(req, res) ? 'close' : 'keep-alive'
  attemptOf(res)?.begun(proxyRes.statusCode ?? 502)
}

const wantsClose = (req: Request, res: Response): boolean =>
  !res.shouldKeepAlive || res.getHeader('connection') === 'close' || req.httpVersion === '1.0'
