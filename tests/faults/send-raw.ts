import { connect } from 'node:net'

/** An answer that arrived whole. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Why there is none: nobody listened, it broke off, we hung up ourselves, or it did not come within the time. */
export type Loss = 'refused' | 'broken' | 'left' | 'timeout'

export interface SendOptions {
  /** Hangs up so many milliseconds after the request was written, answered or not. */
  leaveAfterMs?: number | undefined
  timeoutMs: number
}

/** Sends one request over a connection of its own. Never throws. */
export function sendRaw(port: number, bytes: Buffer, options: SendOptions): Promise<WireAnswer | Loss> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    const chunks: Buffer[] = []
    const timers: NodeJS.Timeout[] = []
    const settle = (result: WireAnswer | Loss) => {
      timers.forEach(clearTimeout)
      resolve(result)
      socket.destroy()
    }
    timers.push(setTimeout(() => settle('timeout'), options.timeoutMs))
    socket.on('connect', () => {
      socket.write(bytes, () => {
        if (options.leaveAfterMs !== undefined)
          timers.push(setTimeout(() => settle('left'), options.leaveAfterMs))
      })
    })
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      const answer = parseAnswer(Buffer.concat(chunks).toString('latin1'))
      if (answer) settle(answer)
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    )
    socket.on('close', () => settle('broken'))
  })
}

/** The answer when all of it is there; our own gateway tells the length or sends chunks. */
function parseAnswer(text: string): WireAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  ) as Record<string, string>
  const body = bodyOf(text.slice(end + 4), headers)
  return body === undefined ? undefined : { status: Number(statusLine.split(' ')[1]), headers, body }
}

function bodyOf(rest: string, headers: Record<string, string>): string | undefined {
  const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString()
  if (headers['transfer-encoding'] === undefined) {
    const length = Number(headers['content-length'] ?? 0)
    return rest.length < length ? undefined : utf8(rest.slice(0, length))
  }
  let body = ''
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(rest.slice(at, lineEnd), 16)
    if (size === 0) return utf8(body)
    if (rest.length < lineEnd + 2 + size) return undefined
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 4 + size
  }
}
