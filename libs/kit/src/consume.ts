import type { StreamName } from '@common-purse/contracts'
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Bus, BusLink } from './bus.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Logger } from './logger.ts'
import type { Poison } from './poison.ts'
import { processBatch } from './process-batch.ts'

/** How the messages of a stream are read, and what is done with them. */
export interface StreamReader<Message> {
  stream: StreamName
  /** Name of the durable consumer: replicas with the same name share the work. */
  durable: string
  /** Subject to filter by, without prefix; all of the stream unless given. */
  filter?: string
  /** Reads the text of a message; throws when it is not what this consumer knows. */
  parse(text: string, subject: string): Message
  /** Messages that are stored together at most; fewer where each of them is large. */
  batchMax?: number
  /** Stores messages, all or none; must bear repeats. */
  handle(messages: Message[]): Promise<void>
}

export interface ConsumerOptions<Message> extends StreamReader<Message> {
  link: BusLink
  /** Stores messages aside; only then are they taken off the stream. */
  keepAside(poisons: Poison[]): Promise<void>
  logger: Logger
  metrics?: ConsumerMetrics
}

export interface RunningConsumer {
  stop(): Promise<void>
}

const BATCH_MAX = 200
const batchMaxOf = ({ batchMax = BATCH_MAX }: { batchMax?: number }) => batchMax
const REOPEN_MS = 500
/** What a killed reader had in hands comes again after this long; a repeat that was not needed is dropped by its id. */
const ACK_WAIT_MS = 4_000

/**
 * Reads a stream for as long as the service runs. What arrives while a batch is being stored goes into the next one.
 * ack: stored, now or before; nak: try later; term: kept aside, because it can never work. While the database is away the
 * batch waits where it is, and what follows stays behind it.
 */
export function startConsumer<Message>(options: ConsumerOptions<Message>): RunningConsumer {
  const { link, logger } = options
  let stopped = false
  let reached = false
  let open: ConsumerMessages | undefined

  const readOnce = async (bus: Bus) => {
    await ensureConsumer(bus, options)
    options.metrics?.watch(options.durable, async () => {
      if (!link.isConnected()) throw new Error('NATS is not connected')
      return await bus.jsm.consumers.info(bus.stream(options.stream), bus.durable(options.durable))
    })
    const consumer = await bus.js.consumers.get(bus.stream(options.stream), bus.durable(options.durable))
    const messages = await consumer.consume({
      max_messages: 2 * batchMaxOf(options),
      expires: 10_000,
      abort_on_missing_resource: true, // a consumer that is gone is made again instead of waited for
    })
    open = messages
    if (stopped) return void messages.close()
    for await (const batch of inBatches(messages, batchMaxOf(options)))
      await processBatch(options, batch, () => stopped)
  }

  const run = async () => {
    const bus = await link.ready
    reached = true
    while (!stopped) {
      await readOnce(bus).catch((error: unknown) => {
        if (!stopped)
          logger.warn({ err: (error as Error).message, stream: options.stream }, 'Reading the bus again')
      })
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS))
    }
  }
  const running = run().catch((error: unknown) => {
    if (!stopped) logger.error({ err: error }, 'A consumer ended')
  })

  return {
    stop: async () => {
      stopped = true
      if (!reached) return // a bus that was never there does not come for our sake
      const ended = Promise.resolve(open?.close()).then(() => running)
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5_000).unref())])
    },
  }
}

/** Makes the durable consumer, or brings the one that is there up to these settings. */
async function ensureConsumer<Message>(bus: Bus, options: ConsumerOptions<Message>): Promise<void> {
  const [stream, durable] = [bus.stream(options.stream), bus.durable(options.durable)]
  const settings = {
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: 4 * batchMaxOf(options),
    ...(options.filter ? { filter_subject: bus.subject(options.filter) } : {}),
  }
  const exists = await bus.jsm.consumers.info(stream, durable).then(
    () => true,
    () => false,
  )
  if (exists) await bus.jsm.consumers.update(stream, durable, settings)
  else
    await bus.jsm.consumers.add(stream, {
      ...settings,
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    })
}

/** Groups what has already arrived; a lone message goes at once. No more is taken in than one batch ahead. */
async function* inBatches(messages: ConsumerMessages, max: number): AsyncGenerator<JsMsg[]> {
  const waiting: JsMsg[] = []
  let wake: () => void = () => undefined
  let makeRoom: () => void = () => undefined
  let ended = false
  let failure: Error | undefined
  const collect = async () => {
    for await (const message of messages) {
      waiting.push(message)
      wake()
      if (waiting.length >= max) await new Promise<void>((resolve) => (makeRoom = resolve))
    }
  }
  void collect()
    .catch((error: Error) => (failure = error))
    .finally(() => ((ended = true), wake()))
  for (;;) {
    if (waiting.length > 0) {
      const batch = waiting.splice(0, max)
      makeRoom()
      yield batch
    } else if (ended) break
    else await new Promise<void>((resolve) => (wake = resolve))
  }
  if (failure) throw failure
}
