import type pg from 'pg'
import type { Bus, BusLink } from './bus.ts'
import type { Logger } from './logger.ts'
import { drainOutbox, OUTBOX_BATCH_MAX, type OutboxRow } from './outbox.ts'
import { isOvertaken, type Published, publishInOrder } from './publish-in-order.ts'
import { republishLost } from './republish-lost.ts'
import { traceIdOf } from './trace.ts'

export interface Relay {
  /** Call after a commit that wrote events: they are on their way at once instead of at the next tick. */
  wake(): void
  /** How many turns failed, why the last one did (undefined when it did not), and how many events the bus will not take. */
  state(): { failures: number; failure: string | undefined; refused: number }
  stop(): Promise<void>
}

const IDLE_MS = 500
/** Under load events are published this far apart, together: a turn costs the database a commit whatever its size. */
const GATHER_MS = 50
/** Another replica has the turn, and may have begun it before our newest rows were there. */
const BUSY_MS = 100
const RETRY_MS = 1_000
/** What the bus would not take is tried again this often: somebody may have raised its limits. */
const REFUSED_RETRY_MS = 60_000

/** A sleep that can be ended; `wake` ends the one that is running. */
function createPause() {
  let end: () => void = () => undefined
  return {
    wake: () => end(),
    for: (milliseconds: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        end = () => (clearTimeout(timer), resolve())
      }),
  }
}

/** Moves the outbox to the bus for as long as the service runs. */
export function startRelay(pool: pg.Pool, link: BusLink, logger: Logger): Relay {
  const turns = createTurns(pool, link, logger)
  /** With nothing to do, the next commit ends the pause; what is committed in any other goes with the next turn. */
  const idle = createPause()
  const between = createPause()
  let stopped = false
  let awake = false
  let reached = false

  const next = async (bus: Bus) => {
    awake = false
    const wait = await turns.take(bus)
    if (stopped) return
    if (wait !== IDLE_MS) await between.for(wait)
    else if (!awake) await idle.for(wait)
  }

  const run = async () => {
    const bus = await link.ready
    reached = true
    while (!stopped) await next(bus)
    await turns.take(bus) // what the last requests wrote
  }

  const running = run().catch((error: unknown) => {
    if (!stopped) logger.error({ err: error }, 'The relay ended')
  })
  return {
    wake: () => {
      awake = true
      idle.wake()
    },
    state: turns.state,
    stop: async () => {
      stopped = true
      idle.wake()
      between.wake()
      if (!reached) return // a bus that was never there does not come for our sake
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 5_000).unref())])
    },
  }
}

/** One turn after another; each answers after how many milliseconds the next one makes sense. */
function createTurns(pool: pg.Pool, link: BusLink, logger: Logger) {
  /** Events that the bus would not take, and until when they are left alone; the outbox keeps them. */
  const refused = new Map<string, number>()
  let arrival = 0
  let failures = 0
  let failure: string | undefined

  /** A bus that was just reached may be one that lost what earlier ones had taken. */
  const greet = async (bus: Bus) => {
    const now = link.arrivals()
    if (now === arrival) return
    const lost = await republishLost(pool, bus)
    if (lost > 0) logger.error({ lost }, 'The bus has lost events that it had taken: they are sent again')
    refused.clear() // this one may take more
    arrival = now
  }

  const leaveAlone = ({ id, reason }: Published['refused'][number], rows: readonly OutboxRow[]) => {
    refused.set(id, performance.now() + REFUSED_RETRY_MS)
    const { traceparent } = rows.find((row) => row.id === id)?.payload ?? {}
    const trace_id = traceparent && traceIdOf(traceparent)
    logger.error({ event: id, trace_id, reason }, 'The bus will not take an event; it stays in the outbox')
  }

  const drain = async (bus: Bus): Promise<number> => {
    await greet(bus)
    for (const [id, until] of refused) if (until < performance.now()) refused.delete(id)
    let trouble: Error | undefined
    const turn = await drainOutbox(pool, [...refused.keys()], async (rows) => {
      const published = await publishInOrder(bus, rows)
      for (const one of published.refused) leaveAlone(one, rows)
      trouble = published.error
      return published.taken
    })
    if (trouble && !(isOvertaken(trouble) && turn.published > 0)) throw trouble
    if (!turn.mine) return BUSY_MS
    failure = undefined
    if (turn.found === 0) return IDLE_MS
    return turn.found < OUTBOX_BATCH_MAX ? GATHER_MS : 0
  }

  const take = async (bus: Bus): Promise<number> => {
    if (!link.isConnected()) {
      failure = 'The bus is away'
      return RETRY_MS
    }
    try {
      return await drain(bus)
    } catch (error) {
      failures++
      failure = (error as Error).message
      logger.warn({ err: failure }, 'The outbox could not be published; trying again')
      if ((error as Error).name === 'JetStreamNotEnabled') link.repair() // nobody answered: the stream is not there
      return RETRY_MS
    }
  }
  return { take, state: () => ({ failures, failure, refused: refused.size }) }
}
