import type pg from 'pg'
import type { Bus, BusLink } from './bus.ts'
import type { Logger } from './logger.ts'
import { drainOutbox, OUTBOX_BATCH_MAX, type OutboxRow } from './outbox.ts'

export interface Relay {
  /** Call after a commit that wrote events: they are on their way at once instead of at the next tick. */
  wake(): void
  stop(): Promise<void>
}

const IDLE_MS = 500
/** Under load events are published this far apart, together: a turn costs the database a commit whatever its size. */
const GATHER_MS = 25
const RETRY_MS = 1_000

/**
 * Publishes the batch and answers the ids that the bus acknowledged, up to the first that it did not: a later event of
 * the same entity must not overtake an earlier one. A crash in between repeats a publish, and msgID drops the copy.
 */
async function publishInOrder(bus: Bus, rows: OutboxRow[]): Promise<string[]> {
  const results = await Promise.allSettled(
    rows.map((row) =>
      bus.js.publish(bus.subject(row.subject), JSON.stringify(row.payload), { msgID: row.id }),
    ),
  )
  const firstFailure = results.findIndex((result) => result.status === 'rejected')
  return rows.slice(0, firstFailure === -1 ? rows.length : firstFailure).map((row) => row.id)
}

/** Moves the outbox to the bus for as long as the service runs. */
export function startRelay(pool: pg.Pool, link: BusLink, logger: Logger): Relay {
  let stopped = false
  let awake = false
  let reached = false
  let rouse: () => void = () => undefined
  let hurry: () => void = () => undefined

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      if (awake || stopped) return resolve()
      const timer = setTimeout(resolve, milliseconds)
      rouse = () => (clearTimeout(timer), resolve())
    })

  /** What is committed meanwhile goes with the next turn; only the end is not waited for. */
  const gathering = () =>
    new Promise<void>((resolve) => {
      if (stopped) return resolve()
      const timer = setTimeout(resolve, GATHER_MS)
      hurry = () => (clearTimeout(timer), resolve())
    })

  const turn = async (bus: Bus): Promise<number> => {
    awake = false
    if (!link.isConnected()) return RETRY_MS
    const published = await drainOutbox(pool, (rows) => publishInOrder(bus, rows))
    if (published === 0) return IDLE_MS
    if (published < OUTBOX_BATCH_MAX) await gathering()
    return 0
  }

  const run = async () => {
    const bus = await link.ready
    reached = true
    while (!stopped) {
      const wait = await turn(bus).catch((error: unknown) => {
        logger.warn({ err: (error as Error).message }, 'The outbox could not be published; trying again')
        awake = false
        return RETRY_MS
      })
      if (wait > 0) await pause(wait)
    }
    await turn(bus).catch(() => undefined) // what the last requests wrote
  }

  const running = run().catch((error: unknown) => {
    if (!stopped) logger.error({ err: error }, 'The relay ended')
  })
  return {
    wake: () => {
      awake = true
      rouse()
    },
    stop: async () => {
      stopped = true
      rouse()
      hurry()
      if (!reached) return // a bus that was never there does not come for our sake
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 5_000).unref())])
    },
  }
}
