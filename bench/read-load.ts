import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Signer, signNow } from './sign-now.ts'

/**
 * One round: so many reads over so many connections, each with a nonce of its own. The process says so when all are signed,
 * and sends them when it hears `begin`.
 */
export interface Round {
  url: string
  connections: number
  requests: number
  people: { token: string; keyId: string; secret: string }[]
}

/** Milliseconds; `refused` counts what was not answered 200, by status; `cpuMs` is what sending and reading took. */
export interface RoundResult {
  latencies: number[]
  elapsedMs: number
  refused: Record<string, number>
  cpuMs: number
}

const TARGET = '/api/v1/accounts?limit=50'

async function run({ url, connections, requests, people }: Round): Promise<RoundResult> {
  const signers: Signer[] = people.map((person) => ({
    ...person,
    secret: Buffer.from(person.secret, 'base64url'),
  }))
  const { host } = new URL(url)
  const waiting = Array.from({ length: requests }, (_, n) => toBytes(host, signers[n % signers.length]!))
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)))
  process.send?.('signed')
  await once(process, 'message')
  const latencies: number[] = []
  const refused: Record<string, number> = {}
  const usedBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(
    sockets.map((socket) =>
      sendAll(socket, waiting, (status, latency) => {
        if (status === '200') latencies.push(latency)
        else refused[status] = (refused[status] ?? 0) + 1
      }),
    ),
  )
  const elapsedMs = performance.now() - startedAt
  const used = process.cpuUsage(usedBefore)
  for (const socket of sockets) socket.destroy()
  return { latencies, elapsedMs, refused, cpuMs: (used.user + used.system) / 1000 }
}

function toBytes(host: string, signer: Signer): Buffer {
  const headers = signNow(signer, { method: 'GET', target: TARGET, body: '' })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${TARGET} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}\r\n`, 'latin1')
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** One request after the other until none is left. Understands answers that tell their length, as all three sides' do. */
function sendAll(
  socket: Socket,
  waiting: Buffer[],
  done: (status: string, latency: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0
    let received: Buffer | undefined
    const next = () => {
      const request = waiting.pop()
      if (request === undefined) return resolve()
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('data', (chunk: Buffer) => {
      received = received === undefined ? chunk : Buffer.concat([received, chunk])
      const length = lengthOf(received)
      if (length === undefined || received.length < length) return
      done(received.toString('latin1', 9, 12), performance.now() - sentAt)
      received = undefined
      next()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The connection was closed in the middle of a round')))
    next()
  })
}

/** Of head and body together; undefined while the head is not there. */
function lengthOf(received: Buffer): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1]
  if (length === undefined) throw new Error('An answer without Content-Length')
  return headEnd + 4 + Number(length)
}

process.on('message', (round: Round | 'begin') => {
  if (round !== 'begin') void run(round).then((result) => process.send?.(result))
})
process.once('disconnect', () => process.exit(0))
