import type { IncomingMessage } from 'node:http'
import { problems } from '@common-purse/contracts'
import { problemCodeHeader } from '@common-purse/kit/problem-handler'
import type { Response } from 'express'
import { stateOf } from './request-state.ts'

/** Up to this length a body is sent in one piece with its head; what is longer, or of unknown length, is passed on as it comes. */
export const WHOLE_MAX = 64 * 1024

/** Headers of the connection to the service, and what it says to us alone. */
const kept = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-powered-by',
  'server',
  problemCodeHeader,
])

/**
 * Passes a service's answer on. `onData` hears of every piece that came. An answer that breaks off is the caller's to
 * notice: nothing of a short one was sent then, and of a long one a part.
 */
export function passAnswer(answer: IncomingMessage, res: Response, onData: () => void): void {
  const { headers, statusCode = 0 } = answer
  // What is below is no final answer, and Node would refuse to send it.
  if (statusCode < 200) throw new Error(`The service answered ${statusCode}`)
  const code = headers[problemCodeHeader]
  if (typeof code === 'string' && Object.hasOwn(problems, code)) stateOf(res).problemCode = code
  res.statusCode = statusCode
  for (const name in headers) if (!kept.has(name)) passHeader(res, name, headers[name]!)
  const length = statusCode === 204 ? undefined : headers['content-length']
  if (length === undefined) res.removeHeader('content-length')
  if (Number(length) <= WHOLE_MAX) passWhole(answer, res, onData)
  else answer.on('data', onData).pipe(res)
}

function passHeader(res: Response, name: string, value: string | string[]): void {
  try {
    if (name === 'vary') res.append(name, value)
    else res.setHeader(name, value)
  } catch {
    // It cannot be written so that everybody reads the same: better without.
  }
}

/** Head and body leave in one write: as a text of bytes, which Node sends as they are. */
function passWhole(answer: IncomingMessage, res: Response, onData: () => void): void {
  const chunks: Buffer[] = []
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    onData()
  })
  answer.on('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    res.end(body.toString('latin1'), 'latin1')
  })
}
