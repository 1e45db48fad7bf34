import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  /** By lower-case name; the last of several. */
  headers: Record<string, string>
  body: string
}

export interface Exchange {
  /** Final answers in their order, without 1xx ones. */
  answers: RawAnswer[]
  /** Everything that came over the connection. */
  text: string
}

export interface ExchangeOptions {
  /** Milliseconds of silence after which the server should have closed by itself. */
  waitMs?: number
  /** The methods that were asked, for answers whose length depends on them. */
  methods?: string[]
}

/** Sends bytes as they are on a connection of their own and reads until the server closes it; rejects when it does not. */
export async function exchange(
  url: string,
  bytes: string | Buffer,
  { waitMs = 8_000, methods = [] }: ExchangeOptions = {},
): Promise<Exchange> {
  const text = await readToEnd(url, bytes, waitMs)
  return { text, answers: answersIn(text, methods) }
}

/** The first answer to bytes that are sent as they are. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { answers } = await exchange(url, bytes)
  if (!answers[0]) throw new Error('The server closed without an answer')
  return answers[0]
}

/** A connection to the server at `url`, for whoever wants to write when and what they like. */
export function open(url: string, connected: () => void = () => undefined): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname, connected)
}

/** The field that makes a server close when it has answered. */
export const close = 'connection: close'

/** The lines of a head and the empty one behind it. */
export const head = (line: string, ...fields: string[]): string => [line, ...fields, '', ''].join('\r\n')

/** A body in one chunk, whole. */
export const chunked = (body: string): string =>
  `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`

function readToEnd(url: string, bytes: string | Buffer, waitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = open(url, () => socket.write(bytes))
    socket.setTimeout(waitMs, () => {
      socket.destroy()
      reject(new Error(`The server did not close after: ${Buffer.concat(chunks).toString('latin1')}`))
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    // A server that refuses in the middle of a request resets the connection once its answer is out.
    socket.on('error', (error) => (chunks.length > 0 ? undefined : reject(error)))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
  })
}

function answersIn(text: string, methods: string[]): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest !== '';) {
    const { answer, after } = readOne(rest, methods[answers.length] ?? 'GET')
    if (answer.status >= 200) answers.push(answer)
    rest = after
  }
  return answers
}

function readOne(text: string, method: string): { answer: RawAnswer; after: string } {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...fields] = text.slice(0, end === -1 ? undefined : end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1])
  if (end === -1 || Number.isNaN(status)) throw new Error(`Not an HTTP answer: ${text.slice(0, 500)}`)
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  )
  const rest = text.slice(end + 4)
  const bodiless = status < 200 || [204, 304].includes(status) || method === 'HEAD'
  const { body, length } = bodiless ? { body: '', length: 0 } : readBody(headers, rest)
  const utf8 = Buffer.from(body, 'latin1').toString()
  return { answer: { status, headers, body: utf8 }, after: rest.slice(length) }
}

function readBody(headers: Record<string, string>, rest: string): { body: string; length: number } {
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? rest.length)
    return { body: rest.slice(0, length), length }
  }
  let body = ''
  for (let at = 0; ;) {
    const size = Number.parseInt(rest.slice(at, rest.indexOf('\r\n', at)), 16)
    if (Number.isNaN(size)) throw new Error(`Not a chunk: ${rest.slice(at, at + 100)}`)
    const start = rest.indexOf('\r\n', at) + 2
    body += rest.slice(start, start + size)
    at = start + size + 2
    if (size === 0) return { body, length: at }
  }
}
