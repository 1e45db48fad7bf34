import { randomUUID } from 'node:crypto'
import { type AccessBatch, accessSubject } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestHandler } from 'express'
import { toAccessLine } from './access-line.ts'

export interface AccessLog {
  /** Records each request when it is over; costs it nothing. */
  record: RequestHandler
  waiting(): number
  dropped(): number
  /** Publishes what is left, as far as the bus is there, within a few seconds. */
  stop(): Promise<void>
}

export interface AccessLogOptions {
  link: BusLink
  logger: Logger
  /** Lines kept while the bus is away; what goes beyond is counted and lost. */
  linesMax?: number
}

const BATCH_MAX = 200
const BATCH_MS = 250
const RETRY_MS = 500
const STOP_MS = 4_000

/** Sends a line for every request to the bus, in batches, each until the bus has acknowledged it. */
export function startAccessLog({ link, logger, linesMax = 100_000 }: AccessLogOptions): AccessLog {
  let lines: AccessBatch['lines'] = []
  let dropped = 0
  let stopped = false
  let rouse: () => void = () => undefined

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      if (stopped) return resolve()
      const timer = setTimeout(resolve, milliseconds)
      rouse = () => (clearTimeout(timer), resolve())
    })

  const add = (line: AccessBatch['lines'][number]) => {
    if (lines.length >= linesMax) return tellLoss(logger, ++dropped)
    lines.push(line)
    if (lines.length === BATCH_MAX) rouse()
  }

  const sendNext = async () => {
    const batch = { lines: lines.slice(0, BATCH_MAX) }
    const id = randomUUID()
    for (;;) {
      try {
        await publish(link, batch, id)
        lines = lines.slice(batch.lines.length)
        return
      } catch (error) {
        logger.debug({ err: (error as Error).message }, 'Access lines wait for the bus')
        if (stopped && !link.isConnected()) throw error
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  const run = async () => {
    while (!stopped) {
      if (lines.length < BATCH_MAX) await pause(BATCH_MS)
      if (lines.length > 0) await sendNext()
    }
    while (lines.length > 0) await sendNext()
  }
  const running = run().catch((error: unknown) => {
    logger.warn({ err: (error as Error).message, lines: lines.length }, 'Access lines were not published')
  })

  return {
    record: (req, res, next) => {
      const startedAt = performance.now()
      const at = new Date().toISOString()
      res.once('close', () => add(toAccessLine(req, res, at, performance.now() - startedAt)))
      next()
    },
    waiting: () => lines.length,
    dropped: () => dropped,
    stop: async () => {
      stopped = true
      rouse()
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())])
    },
  }
}

/** The same id at every try, so that the bus keeps one copy when only its acknowledgement was lost. */
async function publish(link: BusLink, batch: AccessBatch, id: string): Promise<void> {
  const bus = await link.ready
  if (!link.isConnected()) throw new Error('NATS is away')
  await bus.js.publish(bus.subject(accessSubject), JSON.stringify(batch), { msgID: id })
}

function tellLoss(logger: Logger, dropped: number): void {
  if (dropped % 10_000 === 1)
    logger.error({ dropped }, 'The access log is full and loses lines: the bus is away')
}
