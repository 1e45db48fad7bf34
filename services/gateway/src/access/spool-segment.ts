import { closeSync, ftruncateSync, mkdirSync, openSync, read, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/** One file of a spool. Whole records are added at its end and taken from its beginning. */
export interface Segment {
  path: string
  fd: number
  /** Bytes that are surely whole records. */
  size: number
  /** Bytes of these that were taken. */
  taken: number
}

const PIECE_BYTES = 128 * 1024
const readAt = promisify(read)

/** Makes the file, for this user alone; the folder too. */
export function makeSegment(path: string): Segment {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return { path, fd: openSync(path, 'ax+', 0o600), size: 0, taken: 0 }
}

/** One system call; throws when not all of it could be written. */
export function addTo(segment: Segment, records: Buffer): void {
  if (writeSync(segment.fd, records) < records.length) throw new Error('The disk is full')
  segment.size += records.length
}

/** Cuts off the half record that a failed write may have left. */
export const cutBack = ({ fd, size }: Segment): void => attempt(() => ftruncateSync(fd, size))

export function emptyOut(segment: Segment): void {
  ftruncateSync(segment.fd, 0)
  segment.size = segment.taken = 0
}

export function removeSegment({ fd, path }: Segment): void {
  attempt(() => closeSync(fd))
  attempt(() => rmSync(path, { force: true }))
}

/** Closes the file under another name, by which others see that it is nobody's any more. */
export function leaveSegment({ fd, path }: Segment, newPath: string): void {
  attempt(() => closeSync(fd))
  attempt(() => renameSync(path, newPath))
}

/** The next bytes that were not taken; they may end in the middle of a record. */
export async function readPiece({ fd, size, taken }: Segment): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - taken))
  const { bytesRead } = await readAt(fd, buffer, 0, buffer.length, taken)
  if (bytesRead === 0) throw new Error('A file of the access log is shorter than it was')
  return buffer.subarray(0, bytesRead)
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // The disk is in trouble, which is said where a line cannot be written; the next process looks at the files anew.
  }
}
