import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  url: string
  port: number
  server: Server
  /** From now on each answer is the last one on its connection, so that clients go elsewhere before `close`. */
  retire(): void
  /** Stops accepting, waits for what is in flight, then closes idle connections. */
  close(): Promise<void>
}

export interface ListenOptions {
  port: number
  host: string
  /** Milliseconds a whole request may take to arrive. */
  requestTimeoutMs?: number
  /** Milliseconds after which a connection is given up whose client takes nothing of its answer; 30 s unless told. */
  stalledMs?: number
  /** Further options of Node's own server. */
  server?: ServerOptions
}

const IDLE_CHECK_MS = 50

/** Slow senders of headers are closed within 7 seconds: Node's own default leaves them open for a minute. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  let retiring = false
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: options.requestTimeoutMs ?? 12_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16 * 1024,
      ...options.server,
    },
    (req, res) => {
      if (retiring) res.setHeader('connection', 'close')
      listener(req, res)
    },
  )
  // Without a byte either way. Node's own default waits for ever, with the whole answer in memory.
  server.setTimeout(options.stalledMs ?? 30_000)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const retire = () => void (retiring = true)
  const close = () =>
    new Promise<void>((resolve, reject) => {
      retire()
      // A connection that was busy at this moment becomes idle later, and Node would keep it for its whole keep-alive time.
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
      server.close((error) => {
        clearInterval(sweep)
        if (error) reject(error)
        else resolve()
      })
      server.closeIdleConnections()
    })
  return { url: `http://${options.host}:${port}`, port, server, retire, close }
}
