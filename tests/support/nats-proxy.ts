import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Which messages are lost on the way, by the first line that announces them, such as `PUB subject reply 5`. */
export type Loss = (line: string) => boolean

/** Stands between a service and the bus, and knows their protocol well enough to lose single messages. */
export interface NatsProxy {
  /** The bus by way of the proxy, with its login. */
  url: string
  /** Loses what the service sends to the bus; nothing unless given. */
  loseToBus(loss?: Loss): void
  /** Loses what the bus sends to the service. */
  loseToService(loss?: Loss): void
  /** Breaks all connections and refuses new ones. */
  cut(): void
  /** Lets connections in again. */
  heal(): void
  stop(): Promise<void>
}

const nothing: Loss = () => false

export async function startNatsProxy(busUrl: string): Promise<NatsProxy> {
  const target = new URL(busUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  let toBus = nothing
  let toService = nothing
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  }
  const server = createServer((service) => {
    if (isCut) return void service.destroy()
    const bus = connect({ host: target.hostname, port: Number(target.port || 4222) })
    track(service)
    track(bus)
    pass(service, bus, (line) => toBus(line))
    pass(bus, service, (line) => toService(line))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(busUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const destroyAll = () => sockets.forEach((socket) => socket.destroy())
  return {
    url: url.href.replace(/\/$/, ''),
    loseToBus: (loss = nothing) => void (toBus = loss),
    loseToService: (loss = nothing) => void (toService = loss),
    cut: () => ((isCut = true), destroyAll()),
    heal: () => void (isCut = false),
    stop: async () => {
      destroyAll()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Passes on whole messages of the protocol, but for those that are lost. */
function pass(from: Socket, to: Socket, isLost: Loss): void {
  let held: Buffer = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (let end = endOfMessage(held); end !== undefined; end = endOfMessage(held)) {
      const line = held.subarray(0, held.indexOf('\r\n')).toString()
      if (!isLost(line)) to.write(held.subarray(0, end))
      held = held.subarray(end)
    }
  })
  from.on('close', () => to.destroy())
}

/** Where the first message ends, or undefined while a part of it is missing. */
function endOfMessage(bytes: Buffer): number | undefined {
  const lineEnd = bytes.indexOf('\r\n')
  if (lineEnd === -1) return undefined
  const words = bytes.subarray(0, lineEnd).toString().split(' ')
  const payload = /^H?(PUB|MSG)$/.test(words[0]!) ? Number(words.at(-1)) + 2 : 0
  const end = lineEnd + 2 + payload
  return bytes.length < end ? undefined : end
}
