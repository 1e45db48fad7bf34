import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpProxy {
  port: number
  /** Breaks all connections and refuses new ones. */
  cut(): void
  /** Keeps connections open and passes nothing on. */
  freeze(): void
  heal(): void
  stop(): Promise<void>
}

/** Stands between a client and a server, so that a test can take the server away. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let state: 'open' | 'frozen' | 'cut' = 'open'
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (state === 'frozen') socket.pause()
  }
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy()
    const upstream = connect(target)
    track(client)
    track(upstream)
    client.on('data', (data) => upstream.write(data))
    upstream.on('data', (data) => client.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const destroyAll = () => sockets.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => ((state = 'cut'), destroyAll()),
    freeze: () => ((state = 'frozen'), sockets.forEach((socket) => socket.pause())),
    heal: () => ((state = 'open'), sockets.forEach((socket) => socket.resume())),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        destroyAll()
      }),
  }
}
