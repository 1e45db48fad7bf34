import { Agent } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type express from 'express'

/** What the process is told by its parent: the service behind it. */
export interface BareProxy {
  target: string
}

// The gateway's own; at the root another package may have brought an older Express.
const fromGateway = createRequire(new URL('../services/gateway/package.json', import.meta.url))
const createApp = fromGateway('express') as typeof express
const { createProxyMiddleware } = fromGateway('http-proxy-middleware') as {
  createProxyMiddleware(options: object): express.RequestHandler
}

/** Express and http-proxy-middleware with kept connections, and nothing else: no check, no header, no log. */
function run({ target }: BareProxy): void {
  const app = createApp().disable('x-powered-by')
  app.use(createProxyMiddleware({ target, changeOrigin: true, agent: new Agent({ keepAlive: true }) }))
  const server = app.listen(0, '127.0.0.1', () =>
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  )
}

process.once('message', run)
process.once('disconnect', () => process.exit(0))
