import type { Position } from './stream-position.ts'

/** What the bus tells of a stream, and of the message at the reader's position (null when it has none there). */
export interface StreamNow {
  created: string
  firstSeq: number
  lastSeq: number
  digest: string | null
}

/** Why a stream has to be read from its beginning, or undefined when the position belongs to it. */
export function decideStart(position: Position, stream: StreamNow): string | undefined {
  if (position.created === null) return 'It was never read before'
  if (position.created !== stream.created) return 'The stream was made anew'
  if (position.seq > stream.lastSeq) return 'The stream ends before what was read of it'
  if (position.seq < stream.firstSeq) return undefined // of an age that the stream does not keep, or nothing yet
  return position.digest === stream.digest ? undefined : 'The stream has another message where reading ended'
}
