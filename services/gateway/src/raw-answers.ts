import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem } from '@common-purse/contracts'
import { problemDocument } from '@common-purse/kit/problem-handler'
import { currentTraceparent, traceIdOf } from '@common-purse/kit/trace'
import type { ProtectiveHeaders } from './security-headers.ts'

const reasons: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'The headers are larger than 16 KB',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive in time',
}

/** A request that has no whole answer yet. */
interface Pending {
  req: IncomingMessage
  res: ServerResponse
}

/** Answers, as problem documents too, what Node refuses before it becomes a request. Such a connection is always closed. */
export function answerUnreadable(server: Server, headers: ProtectiveHeaders): void {
  const refuse = refuseWith(headers)
  const pending = new WeakMap<Duplex, Set<Pending>>()
  const refused = new WeakSet<Duplex>()
  server.on('request', (req, res) => {
    const all = pending.get(req.socket) ?? new Set()
    pending.set(req.socket, all)
    const one = { req, res }
    all.add(one)
    res.once('finish', () => all.delete(one))
  })
  // CONNECT and other expectations than 100-continue never reach the application.
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => refuse(socket, 'CONNECT is not offered'))
  server.on('checkExpectation', (req: IncomingMessage) =>
    refuse(req.socket, 'Only Expect: 100-continue is understood'),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (refused.has(socket)) return
    refused.add(socket)
    const open = [...(pending.get(socket) ?? [])]
    const [last] = open.filter(({ req }) => !req.complete)
    if (error.code === 'ECONNRESET' || !socket.writable || last?.res.headersSent) return void socket.destroy()
    const answer = () => refuse(socket, reasons[error.code ?? ''] ?? 'This is not a well-formed HTTP request')
    afterAll(
      open.filter((one) => one !== last),
      answer,
    )
  })
}

/** What came whole before the nonsense is answered first: a refusal in its place would be taken for its answer. */
function afterAll(open: Pending[], then: () => void): void {
  let left = open.length
  if (left === 0) return then()
  for (const { res } of open) res.once('close', () => --left === 0 && then())
}

const refuseWith =
  (headers: ProtectiveHeaders) =>
  (socket: Duplex, detail: string): void => {
    const traceparent = currentTraceparent(undefined)
    const context = {
      requestId: randomUUID(),
      traceparent,
      traceId: traceIdOf(traceparent),
      ip: '',
      userAgent: undefined,
      fromBrowser: false,
    }
    const body = JSON.stringify(problemDocument(new Problem('invalid_request', detail), context))
    const head = [
      'HTTP/1.1 400 Bad Request',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${context.requestId}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'connection: close',
    ]
    socket.on('error', () => undefined)
    if (!socket.writable) return void socket.destroy()
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  }
