import type { Logger } from '@common-purse/kit/logger'
import type { Spool, Taken } from './spool.ts'

/** Lines on their way: on disk while that works, else in memory. */
export interface LineQueue {
  add(id: string, line: string): void
  next(max: number): Promise<Taken | undefined>
  waiting(): number
  dropped(): number
  /** Lines that are lost with the process. */
  inMemory(): number
}

export interface LineQueueOptions {
  spool: Spool | undefined
  /** Lines in memory. */
  linesMax: number
  logger: Logger
}

export function createLineQueue({ spool, linesMax, logger }: LineQueueOptions): LineQueue {
  const lines: string[] = []
  let dropped = 0

  const drop = () => {
    if (dropped++ % 10_000 === 0)
      logger.error({ dropped }, 'The access log is full and loses lines: the bus is away')
  }

  return {
    add: (id, line) => {
      if (spool?.write(id, line)) return
      if (lines.length >= linesMax) drop()
      else lines.push(line)
    },
    next: async (max) => {
      if (lines.length === 0) return await spool?.next(max)
      const batch = lines.slice(0, max)
      return { lines: batch, take: () => void lines.splice(0, batch.length) }
    },
    waiting: () => lines.length + (spool?.waiting() ?? 0),
    dropped: () => dropped,
    inMemory: () => lines.length,
  }
}
