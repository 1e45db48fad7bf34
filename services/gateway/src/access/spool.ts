import { readPiece, type Segment } from './spool-segment.ts'
import { decideRecords, OPEN_MARK, type Records } from './spool-records.ts'
import { createSpoolWriter, type SpoolWriterOptions } from './spool-writer.ts'

/** Lines of requests on disk until the bus has them. What is written here outlives a kill of the process. */
export interface Spool {
  /** Writes that a request was accepted; `line` is what to tell of it if this process does not live to see its end. */
  open(id: string, line: string): void
  /** Writes the line of a request that is over. False when that is not possible now: whoever asked has to keep it. */
  write(id: string, line: string): boolean
  /** The oldest lines that were not taken, at most `max`; the same again until they are taken. */
  next(max: number): Promise<Taken | undefined>
  /** Lines that were not taken. */
  waiting(): number
  bytes(): number
  /** Closes the files and leaves what was not taken to the next process. */
  close(): void
}

export interface Taken {
  lines: string[]
  /** Forgets the lines, and the files that hold nothing else. */
  take(): void
}

export type SpoolOptions = Omit<SpoolWriterOptions, 'open'>

/**
 * A queue of lines in files. A write is one synchronous system call into the page cache: a few microseconds, and it is
 * there when the process is killed right after it. A power cut may cost the last seconds.
 */
export function openSpool(options: SpoolOptions): Spool {
  const open = new Map<string, string>()
  let waiting = 0
  let closed = false
  const writer = createSpoolWriter({ ...options, open })

  const take = (segment: Segment, { lines, bytes }: Records) => {
    if (closed) return // the next process sends these lines once more, and the audit service knows them
    segment.taken += bytes
    waiting -= lines.length
    writer.tidy(segment)
  }

  return {
    open: (id, line) => {
      writer.append(OPEN_MARK + line)
      open.set(id, OPEN_MARK + line)
    },
    write: (id, line) => {
      open.delete(id)
      const written = writer.append(line)
      if (written) waiting++
      return written
    },
    next: async (max) => {
      for (const segment of writer.segments()) {
        while (segment.taken < segment.size) {
          const piece = await readPiece(segment)
          const records = decideRecords(piece, max)
          if (records.lines.length > 0) return { lines: records.lines, take: () => take(segment, records) }
          take(segment, { lines: [], bytes: records.bytes || piece.length })
        }
        writer.tidy(segment)
      }
      return undefined
    },
    waiting: () => waiting,
    bytes: writer.bytes,
    close: () => {
      closed = true
      writer.close()
    },
  }
}
