import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { House } from '../../tools/launcher/house.ts'

/** Stands before a server: it can be cut, and pointed to another one. */
export interface TcpProxy {
  port: number
  /** Ends every connection and lets nobody in. */
  cut(): void
  mend(): void
  /** Where new connections go, in turns; those that are there stay. */
  pointTo(ports: readonly number[]): void
}

/** Opens one on a free port, or on the given one, until the house is stopped. */
export async function startTcpProxy(
  ports: readonly number[],
  { opened }: Pick<House, 'opened'>,
  ownPort = 0,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let targets = ports
  let turn = 0
  let open = true
  const server = createServer((client) => {
    const target = targets[turn++ % Math.max(targets.length, 1)]
    if (!open || target === undefined) return void client.resetAndDestroy()
    join(client, connect({ host: '127.0.0.1', port: target }), sockets)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(ownPort, '127.0.0.1', resolve)
  })
  const endAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  opened.push(() => (server.close(), endAll()))
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => ((open = false), endAll()),
    mend: () => void (open = true),
    pointTo: (others) => void (targets = others),
  }
}

/** What one side sends or ends, the other receives. */
function join(client: Socket, server: Socket, sockets: Set<Socket>): void {
  for (const socket of [client, server]) {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket
      .on('error', () => undefined)
      .on('close', () => (sockets.delete(socket), client.destroy(), server.destroy()))
  }
  client.pipe(server).pipe(client)
}

/** The same URL at the proxy. */
export const throughProxy = (url: string, { port }: Pick<TcpProxy, 'port'>): string =>
  url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)

export const portOf = (url: string): number => Number(/127\.0\.0\.1:(\d+)/.exec(url)![1])
