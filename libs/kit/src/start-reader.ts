import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamName } from '@common-purse/contracts'
import type { ConsumerMessages } from '@nats-io/jetstream'
import type pg from 'pg'
import { BATCH_MAX } from './batches.ts'
import type { Bus, BusLink } from './bus.ts'
import type { RunningConsumer } from './consume.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Tx } from './database.ts'
import { decideStart } from './decide-start.ts'
import type { Logger } from './logger.ts'
import { consumeFrom, lookAtStream, makeConsumer, stateOfReader } from './open-stream.ts'
import { OvertakenError } from './process-batch.ts'
import { createPatience, readOn } from './read-on.ts'
import { type KeptPosition, keepPosition, type Position } from './stream-position.ts'

/** How the messages of a stream are read, and what is done with them. */
export interface StreamReader<Message> {
  stream: StreamName
  /** Its row in `stream_positions`: of the replicas with the same name one reads at a time. */
  name: string
  /** Reads the text of a message; throws when it is not what this reader knows. */
  parse(text: string, subject: string): Message
  /** Messages that are stored together at most; fewer where each of them is large. */
  batchMax?: number
  /** Stores messages in their order, in the transaction that is given; must bear those of a stream that is read again. */
  handle(tx: Tx, messages: Message[]): Promise<void>
}

export interface ReaderDeps {
  pool: pg.Pool
  link: BusLink
  logger: Logger
  metrics?: ConsumerMetrics
}

/** How often a replica looks whether the one that reads is still there. */
const LOOK_MS = 500

/**
 * Reads a stream into the service's database for as long as the service runs. The position is stored in the transaction
 * that stores the messages, so the order is the stream's whoever reads, and a crash at any point neither skips nor
 * repeats one. What cannot be processed is kept aside in that transaction too. While the database is away the batch waits
 * where it is. A stream that is not the one of the position any more is read from its beginning.
 */
export function startReader<Message>(reader: StreamReader<Message>, deps: ReaderDeps): RunningConsumer {
  const { link, logger, metrics } = deps
  const place = keepPosition(deps.pool, reader.name)
  const stopping = new AbortController()
  const isStopped = () => stopping.signal.aborted
  const patience = createPatience(stopping.signal)
  const pause = () => sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
  let reached = false
  let open: ConsumerMessages | undefined

  /** Answers whether to go on at once. */
  const takeTurn = async (bus: Bus): Promise<boolean> => {
    const arrival = link.arrivals()
    const mayGoOn = () => !isStopped() && link.isConnected() && link.arrivals() === arrival
    if (!mayGoOn()) return false
    const position = await place.take()
    if (!position) return false
    const consumer = await makeConsumer(bus, reader.stream, position.seq + 1)
    // Only now: what the consumer sends is of the stream that is there since.
    if (!(await belongTogether(bus, position, { reader, deps, place }))) return true
    open = await consumeFrom(consumer, 2 * (reader.batchMax ?? BATCH_MAX))
    await readOn({ reader, deps, place, patience, mayGoOn }, open, position)
    return false
  }

  const run = async () => {
    const bus = await link.ready
    reached = true
    metrics?.watch(reader.name, () => stateOfReader({ bus, link }, reader.stream, place.seq))
    let told: string | undefined
    while (!isStopped()) {
      const goOn = await takeTurn(bus).catch((error: Error) => {
        if (!isStopped() && !(error instanceof OvertakenError) && error.message !== told)
          logger.warn({ err: error.message, stream: reader.stream }, 'Reading the bus again')
        told = error.message
        return false
      })
      if (!goOn) await pause()
    }
    await place.release()
  }

  const running = run().catch((error: unknown) => {
    if (reached) logger.warn({ err: error, reader: reader.name }, 'A reader ended')
  })
  return {
    stop: async () => {
      stopping.abort()
      void open?.close()
      if (!reached) return // a bus that was never there does not come for our sake
      await Promise.race([running, sleep(5_000, undefined, { ref: false })])
    },
  }
}

/** Compares the position with the stream that is there; sets it back where they are strangers. */
async function belongTogether(
  bus: Bus,
  position: Position,
  {
    reader,
    deps,
    place,
  }: { reader: { stream: StreamName; name: string }; deps: ReaderDeps; place: KeptPosition },
): Promise<boolean> {
  const now = await lookAtStream(bus, reader.stream, position.seq)
  const why = decideStart(position, now)
  if (!why) return true
  if (position.created !== null) {
    const told = { stream: reader.stream, reader: reader.name, seq: position.seq, why }
    deps.logger.error(
      told,
      'The bus has another stream than the one that was read: it is read from its beginning',
    )
    deps.metrics?.startedOver(reader.name)
  }
  await place.startOver(now.created)
  return false
}
