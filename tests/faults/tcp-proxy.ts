import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { House } from '../../tools/launcher/house.ts'

/** Stands before a server: it can be cut, frozen, and pointed to another one. */
export interface TcpProxy {
  port: number
  /** Ends every connection and lets nobody in. */
  cut(): void
  /**
   * As when the server's machine has lost its power: nothing comes any more and nothing is said, neither on the connections
   * that are there, ever, nor on those that are opened until `mend`.
   */
  freeze(): void
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
  const silent = new WeakSet<Socket>()
  let targets = ports
  let turn = 0
  let state: 'open' | 'cut' | 'frozen' = 'open'
  const server = createServer((client) => {
    const target = targets[turn++ % Math.max(targets.length, 1)]
    if (state === 'frozen') return hold(client)
    if (state === 'cut' || target === undefined) return void client.resetAndDestroy()
    join(client, connect({ host: '127.0.0.1', port: target }))
  })
  const hold = (socket: Socket) => {
    track(socket)
    silent.add(socket.unpipe().pause())
  }
  const track = (socket: Socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket
      .setNoDelay(true)
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket))
  }
  /** What one side sends or ends, the other receives. */
  const join = (client: Socket, other: Socket) => {
    for (const [socket, peer] of [
      [client, other],
      [other, client],
    ] as const) {
      track(socket)
      socket.on('close', () => silent.has(peer) || peer.destroy())
    }
    client.pipe(other).pipe(client)
  }
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
    cut: () => ((state = 'cut'), endAll()),
    freeze: () => ((state = 'frozen'), [...sockets].forEach(hold)),
    mend: () => void (state = 'open'),
    pointTo: (others) => void (targets = others),
  }
}

/** The same URL at the proxy. */
export const throughProxy = (url: string, { port }: Pick<TcpProxy, 'port'>): string =>
  url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)

export const portOf = (url: string): number => Number(/127\.0\.0\.1:(\d+)/.exec(url)![1])
