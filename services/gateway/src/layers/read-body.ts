import { Problem } from '@common-purse/contracts'
import type { Request, RequestHandler } from 'express'
import { stateOf } from '../request-state.ts'

/** How much of a refused body is still read, so that its sender gets to see the answer. */
const DRAIN_MAX = 8 * 1024 * 1024
/** Who sends more has this long to read the answer: closing at once could overtake it. */
const LINGER_MS = 1_000

const empty = Buffer.alloc(0)

/** Reads the body as it is, up to a limit. Nothing here or later decompresses or re-serialises it. */
export function readBody(maxBytes: number): RequestHandler {
  return (req, res, next) => {
    if (hasNoBody(req)) {
      stateOf(res).body = empty
      return next()
    }
    const coding = req.headers['content-encoding']
    if (coding !== undefined && coding.toLowerCase() !== 'identity') {
      drain(req)
      throw new Problem('unsupported_media_type', 'Bodies are taken as they are: no Content-Encoding')
    }
    return readAll(req, maxBytes).then((body) => {
      stateOf(res).body = body
      next()
    })
  }
}

/** By RFC 9112, 6.3; the form of both headers was checked in layer 1. */
const hasNoBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

function readAll(req: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Problem('body_too_large', `The body is larger than ${maxBytes} bytes`)
  if (Number(req.get('content-length') ?? 0) > maxBytes) {
    drain(req)
    return Promise.reject(tooLarge())
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) return void chunks.push(chunk)
      req.off('data', onData)
      drain(req)
      reject(tooLarge())
    }
    req.on('data', onData)
    req.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    req.once('error', (cause) =>
      reject(new Problem('invalid_request', 'The body did not arrive whole', { cause })),
    )
  })
}

function drain(req: Request): void {
  let size = 0
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= DRAIN_MAX || req.isPaused()) return
    req.pause()
    setTimeout(() => req.socket.destroy(), LINGER_MS).unref()
  })
  req.on('error', () => undefined)
}
