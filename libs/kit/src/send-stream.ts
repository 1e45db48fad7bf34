import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

/** An answer that is made while it is sent, piece by piece. */
export interface StreamReply {
  /** Begins when its first piece is asked for; its `finally` runs however the sending ends. */
  stream: AsyncGenerator<Uint8Array, void, undefined>
  /** What a browser calls the file. */
  filename: string
}

/**
 * A reader that takes nothing for so long, or for twice as long when Node's timer began while bytes still moved, is given
 * up: what makes the stream is held open meanwhile.
 */
const STALLED_MS = 10_000

/**
 * Sends the pieces as fast as the client takes them. What fails before the first piece is an ordinary refusal; what fails
 * later breaks the connection, for a file that ends too early must not look whole. A client that goes away ends the
 * stream.
 */
export async function sendStream(
  res: Response,
  { status, type }: { status: number; type: string },
  { stream, filename }: StreamReply,
): Promise<void> {
  try {
    const first = await stream.next()
    if (res.destroyed) return
    res
      .status(status)
      .type(type)
      .set({
        'cache-control': 'no-store',
        'content-disposition': `attachment; filename="${filename}"`,
      })
    res.setTimeout(STALLED_MS, () => res.destroy())
    if (first.done || res.req.method === 'HEAD') return void res.end()
    await pipeline(Readable.from(wholeOf(first.value, stream), { highWaterMark: 1 }), res)
  } catch (error) {
    if (!hungUp.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await stream.return()
  }
}

async function* wholeOf(first: Uint8Array, rest: StreamReply['stream']) {
  yield first
  yield* rest
}

/** The client went away: nobody is left to be told. */
const hungUp = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'])
