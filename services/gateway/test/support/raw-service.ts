import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Answers one request on its connection with whatever bytes it likes. `head` is the request's. */
export type RawAnswering = (socket: Socket, head: string) => void

export interface RawService {
  url: string
  /** Heads of the requests that arrived. */
  heads: string[]
  answerWith(answering: RawAnswering): void
  stop(): Promise<void>
}

/** A service that writes its answers byte by byte, as no HTTP library would. */
export async function startRawService(): Promise<RawService> {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  let answering: RawAnswering = (socket) => socket.destroy()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = received.slice(0, end)
      received = ''
      // What comes after the head is its body, which a raw service need not look at.
      if (!/^[A-Z]+ \S+ HTTP/.test(head)) return
      heads.push(head)
      answering(socket, head)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    answerWith: (other) => void (answering = other),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
