import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ownMark } from './process-mark.ts'
import {
  addTo,
  cutBack,
  emptyOut,
  leaveSegment,
  makeSegment,
  removeSegment,
  type Segment,
} from './spool-segment.ts'

export interface SpoolWriterOptions {
  dir: string
  /** Bytes that all files of the folder may have. */
  bytesMax: number
  /** Bytes in the folder that others left. */
  leftBytes(): number
  /** Called at the first failure after a success. */
  onFailure(error: Error): void
  /** Records that may yet be needed: each new file begins with them, so that older ones can be removed. */
  open: ReadonlyMap<string, string>
}

export interface SpoolWriter {
  /** Adds a record and its newline; false when that is not possible now. */
  append(record: string): boolean
  /** The files that hold something, oldest first. */
  segments(): readonly Segment[]
  bytes(): number
  /** Removes a file that was taken whole; the one in use is emptied when nothing is to be carried over. */
  tidy(segment: Segment): void
  /** Closes everything; files that are worth something get a name that says that nobody writes there. */
  close(): void
}

const SEGMENT_BYTES = 4 * 1024 * 1024
/** After a failure nothing is tried for this long: a full disk is not asked by each request. */
const PAUSE_MS = 1_000

/** Files that are only ever added to, one after the other, by this process alone. */
export function createSpoolWriter(options: SpoolWriterOptions): SpoolWriter {
  const owner = `${ownMark()}-${randomBytes(4).toString('hex')}`
  let segments: Segment[] = []
  let current: Segment | undefined
  let made = 0
  let failedAt: number | undefined

  const bytes = () => segments.reduce((sum, { size }) => sum + size, 0)

  const nextSegment = () => {
    current = makeSegment(join(options.dir, `${owner}-${String(++made).padStart(6, '0')}.lines`))
    segments.push(current)
    const carried = [...options.open.values()].map((record) => `${record}\n`).join('')
    if (carried) addTo(current, Buffer.from(carried))
    return current
  }

  const add = (record: Buffer) => {
    if (bytes() + options.leftBytes() + record.length > options.bytesMax)
      throw new Error(`${options.bytesMax} bytes of access lines are on disk`)
    addTo(current === undefined || current.size >= SEGMENT_BYTES ? nextSegment() : current, record)
  }

  const fail = (error: Error) => {
    if (current) cutBack(current)
    current = undefined // half a record may still be at its end: nothing may follow it
    if (failedAt === undefined) options.onFailure(error)
    failedAt = performance.now()
  }

  const remove = (segment: Segment) => {
    segments = segments.filter((other) => other !== segment)
    removeSegment(segment)
  }

  return {
    append: (record) => {
      if (failedAt !== undefined && performance.now() - failedAt < PAUSE_MS) return false
      try {
        add(Buffer.from(`${record}\n`))
        failedAt = undefined
        return true
      } catch (error) {
        fail(error as Error)
        return false
      }
    },
    segments: () => segments,
    bytes,
    tidy: (segment) => {
      if (segment.taken < segment.size) return
      if (segment !== current) remove(segment)
      else if (segment.size > 0 && options.open.size === 0) emptyOut(segment)
    },
    close: () => {
      for (const segment of segments)
        if (options.open.size === 0 && segment.taken === segment.size) removeSegment(segment)
        else leaveSegment(segment, segment.path.replace(ownMark(), 'left'))
      segments = []
      current = undefined
    },
  }
}
