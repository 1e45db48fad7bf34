import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { accessSubject } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import type { LeftSpools } from './left-spools.ts'
import type { LineQueue } from './line-queue.ts'

export interface Publisher {
  /** Sends at once what is waiting. */
  rouse(): void
  stop(): Promise<void>
}

interface PublisherOptions {
  link: BusLink
  logger: Logger
  queue: LineQueue
  left: LeftSpools | undefined
}

/** So many lines are sent without waiting for more. */
export const BATCH_MAX = 200
const BATCH_MS = 250
const RETRY_MS = 500
/** How long a stop waits for a bus that is there: for lines that are on disk, and for those that would be lost. */
const STOP_MS = 1_000
const STOP_IN_MEMORY_MS = 4_000

/** Sends the queue's lines, and what earlier processes left, in batches, each until the bus has acknowledged it. */
export function startPublisher({ link, logger, queue, left }: PublisherOptions): Publisher {
  let stopped = false
  const bell = createBell()
  const send = createSender(link, logger, () => stopped)

  const sendAll = async () => {
    for (let batch = await queue.next(BATCH_MAX); batch; batch = await queue.next(BATCH_MAX)) {
      await send(batch.lines)
      batch.take()
    }
  }

  const run = async () => {
    while (!stopped) {
      if (queue.waiting() < BATCH_MAX) await bell.wait(BATCH_MS)
      await sendAll().catch(async (error: unknown) => {
        if (stopped) throw error
        logger.error({ err: (error as Error).message }, 'Access lines could not be read back from disk')
        await bell.wait(RETRY_MS)
      })
    }
    await sendAll()
  }

  const told = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      const waiting = { lines: queue.waiting(), lost: queue.inMemory() }
      logger.warn({ err: (error as Error).message, ...waiting }, 'Access lines were not all sent')
    })
  const running = Promise.all([told(run()), told(sendLeft({ left, send, logger }))])

  return {
    rouse: bell.ring,
    stop: async () => {
      stopped = true
      bell.ring()
      if (!link.isConnected() && queue.inMemory() === 0) return
      const limit = queue.inMemory() > 0 ? STOP_IN_MEMORY_MS : STOP_MS
      await Promise.race([running, sleep(limit, undefined, { ref: false })])
    },
  }
}

type Send = (lines: string[]) => Promise<void>

/** Tries until the bus has acknowledged the lines, or the gateway stops and the bus is away. */
function createSender(link: BusLink, logger: Logger, isStopped: () => boolean): Send {
  const publish = async (lines: string[], id: string) => {
    const bus = await link.ready
    if (!link.isConnected()) throw new Error('NATS is away')
    await bus.js.publish(bus.subject(accessSubject), `{"lines":[${lines.join(',')}]}`, { msgID: id })
  }
  return async (lines) => {
    const id = randomUUID() // the same at every try: the bus keeps one copy when only its acknowledgement was lost
    for (;;) {
      try {
        return await publish(lines, id)
      } catch (error) {
        logger.debug({ err: (error as Error).message }, 'Access lines wait for the bus')
        if (isStopped() && !link.isConnected()) throw error
        await sleep(RETRY_MS)
      }
    }
  }
}

async function sendLeft({ left, send, logger }: Pick<PublisherOptions, 'left' | 'logger'> & { send: Send }) {
  await left?.publish(send)
  const damaged = left?.unreadable() ?? 0
  if (damaged > 0) logger.warn({ damaged }, 'Records of the access log on disk could not be read')
}

/** Waits for a time that can be cut short; a ring that nobody waits for counts for the next wait. */
function createBell() {
  let rung = false
  let wake: () => void = () => undefined
  return {
    ring: () => {
      rung = true
      wake()
    },
    wait: async (milliseconds: number) => {
      if (!rung)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds)
          wake = () => (clearTimeout(timer), resolve())
        })
      rung = false
    },
  }
}
