import { once } from 'node:events'
import { connect } from 'node:net'

/** One answer: its status and the bytes of its body as text. */
export interface RawAnswer {
  status: number
  body: string
}

/**
 * A kept-alive connection for one request at a time. Only what our own gateway answers is understood (a body with its
 * length): the load must cost the machine little beside what is measured.
 */
export async function openRawConnection(url: string) {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let received = ''
  let waiting: { resolve(answer: RawAnswer): void; reject(error: Error): void } | undefined

  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    const headEnd = received.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    const head = received.slice(0, headEnd)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (received.length < headEnd + 4 + length) return
    const body = received.slice(headEnd + 4, headEnd + 4 + length)
    received = received.slice(headEnd + 4 + length)
    waiting?.resolve({ status: Number(head.slice(9, 12)), body })
  })
  const fail = () => waiting?.reject(new Error('The connection ended'))
  socket.on('error', fail)
  socket.on('close', fail)

  return {
    send(method: string, target: string, headers: Record<string, string>, body: string): Promise<RawAnswer> {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(
          `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}content-type: application/json\r\n` +
            `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        )
      })
    },
    close: () => void socket.destroy(),
  }
}
