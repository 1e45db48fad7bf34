/** Before the line of a request that was accepted and is not over; the same request's own line comes later. */
export const OPEN_MARK = '+'
const OPEN_BYTE = OPEN_MARK.charCodeAt(0)
const NEWLINE = 0x0a

export interface Records {
  /** Lines of requests that are over, as JSON texts. */
  lines: string[]
  /** Bytes that hold these lines and what was passed over. */
  bytes: number
}

/** The first lines of requests that are over, at most `max`, in a piece of a spool that may end in the middle of a record. */
export function decideRecords(piece: Buffer, max: number): Records {
  const lines: string[] = []
  let bytes = 0
  while (lines.length < max) {
    const end = piece.indexOf(NEWLINE, bytes)
    if (end === -1) break
    if (piece[bytes] !== OPEN_BYTE) lines.push(piece.toString('utf8', bytes, end))
    bytes = end + 1
  }
  return { lines, bytes }
}
