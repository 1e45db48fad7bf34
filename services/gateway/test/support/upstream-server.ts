import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface UpstreamServer {
  url: string
  received: Received[]
  /** Takes over all answers until called without one. */
  answerWith(listener?: RequestListener): void
  stop(): Promise<void>
}

/** A trivial service: remembers what it received and answers 200 with JSON. */
export async function startUpstream(): Promise<UpstreamServer> {
  const received: Received[] = []
  let own: RequestListener | undefined
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      received.push({ method: req.method!, url: req.url!, headers: req.headers, body: Buffer.concat(chunks) })
      if (own) return own(req, res)
      res.setHeader('content-type', 'application/json')
      res.end('{"big":9007199254740993}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith: (listener) => void (own = listener),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
