import { Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { Stream } from 'node:stream'
import type { Request, Response } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { createDeadlines, type Deadline, type Deadlines } from './deadlines.ts'
import { passAnswer, WHOLE_MAX } from './pass-answer.ts'
import { stateOf } from './request-state.ts'

/** The client went away; nobody at the service is to blame. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

export interface Proxy {
  /** Resolves with the status when the service's answer begins; rejects when it cannot come any more. */
  attempt(req: Request, res: Response): Promise<number>
  /** How many calls hold a connection to the service. */
  underWay(): number
  stop(): void
}

/** One attempt at a service, as the proxy's events see it. */
interface Attempt {
  send(request: ClientRequest): void
  pass(answer: IncomingMessage): void
  failed(error: Error): void
}

const attemptOf = (res: Response) => res.locals['attempt'] as Attempt | undefined

/** How long a client may take nothing of an answer that waits for it. */
const READER_MS = 30_000

/** http-proxy-middleware with kept connections, for bodies that were read already, and with time limits of its own. */
export function createProxy(target: string, timeoutMs: number): Proxy {
  const url = new URL(target)
  const options = { keepAlive: true, maxFreeSockets: 256 }
  const agent = url.protocol === 'https:' ? new SecureAgent(options) : new Agent(options)
  const deadlines = createDeadlines()
  const proxy = createProxyMiddleware<Request, Response>({
    target: toParts(url),
    agent,
    changeOrigin: true,
    // The bodies were read; what the proxy would copy from is used up.
    buffer: nothing,
    selfHandleResponse: true,
    ejectPlugins: true,
    plugins: [
      (server) => {
        server.on('proxyReq', (proxyReq, _req, res) => attemptOf(res)?.send(proxyReq))
        server.on('proxyRes', (proxyRes, _req, res) => attemptOf(res)?.pass(proxyRes))
        server.on('error', (error, _req, res) => attemptOf(res as Response)?.failed(error))
        server.on('econnreset', (error, _req, res) => attemptOf(res)?.failed(error))
      },
    ],
  })
  const start = (req: Request, res: Response, mayRepeat: boolean): Promise<number> =>
    new Promise<number>((resolve, reject) => {
      const repeat = () => resolve(start(req, res, false))
      const attempt = createAttempt(res, { deadlines, timeoutMs, resolve, reject, repeat, mayRepeat })
      res.locals['attempt'] = attempt
      proxy(req, res, attempt.failed as (error?: unknown) => void).catch(attempt.failed)
    })

  return {
    attempt: (req, res) => start(req, res, isRepeatable(req)),
    underWay: () => Object.values(agent.sockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0),
    stop: () => {
      deadlines.stop()
      agent.destroy()
    },
  }
}

/** Taken apart once: a text, or a URL, the proxy reads anew for each request. */
const toParts = ({ protocol, hostname, port, pathname }: URL) => ({
  protocol,
  hostname: hostname.replace(/^\[|\]$/g, ''),
  port,
  pathname,
})

const nothing = { pipe: () => undefined } as unknown as Stream

interface AttemptOptions {
  deadlines: Deadlines
  timeoutMs: number
  mayRepeat: boolean
  resolve(status: number): void
  reject(error: Error): void
  repeat(): void
}

function createAttempt(res: Response, options: AttemptOptions): Attempt {
  const { deadlines, timeoutMs } = options
  let state: 'waiting' | 'answering' | 'over' = 'waiting'
  let sent: ClientRequest | undefined
  const over = () => {
    state = 'over'
    deadlines.remove(deadline)
  }
  const failed = (error: Error) => {
    if (state !== 'waiting') return
    over()
    if (options.mayRepeat && isStale(error, sent, res)) options.repeat()
    else options.reject(error)
  }
  const expire = () => {
    if (state === 'answering') return breakOff()
    failed(new Error(`No answer within ${timeoutMs} ms`))
    sent?.destroy()
  }
  /** The answer stopped in the middle; unless it is the client that takes no more of it, which it may for a while. */
  const breakOff = () => {
    if (!res.writableNeedDrain || performance.now() >= heardAt + READER_MS) return void res.destroy()
    deadline.at = heardAt + READER_MS
    deadlines.add(deadline)
  }
  let heardAt = performance.now()
  const deadline: Deadline = { at: heardAt + timeoutMs, expire }
  const heard = () => {
    heardAt = performance.now()
    deadline.at = heardAt + timeoutMs
  }
  deadlines.add(deadline)
  res.once('close', () => {
    if (state === 'waiting') failed(new ClientGone())
    over()
  })

  return {
    failed,
    send: (request) => {
      sent = request
      endWith(request, stateOf(res).body)
    },
    pass: (answer) => {
      try {
        passAnswer(answer, res, heard)
      } catch (error) {
        return failed(error as Error)
      }
      state = 'answering'
      heard()
      options.resolve(answer.statusCode!)
    },
  }
}

/** Head and body leave in one write; a text of bytes is sent as they are. */
function endWith(request: ClientRequest, body: Buffer | undefined): void {
  if (body === undefined || body.length === 0) request.end()
  else if (body.length <= WHOLE_MAX) request.end(body.toString('latin1'), 'latin1')
  else request.end(body)
}

/** A request that may reach the service twice without harm. */
const isRepeatable = (req: Request): boolean =>
  ['GET', 'HEAD'].includes(req.method) || req.headers['idempotency-key'] !== undefined

const staleCodes = ['ECONNRESET', 'EPIPE']

/** The service closed a kept connection just as it was used again: it never saw the request. */
const isStale = (error: Error, sent: ClientRequest | undefined, res: Response): boolean =>
  sent?.reusedSocket === true &&
  !res.headersSent &&
  staleCodes.includes((error as NodeJS.ErrnoException).code ?? '')
