import type { StreamName } from '@common-purse/contracts'
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { inBatches } from './batches.ts'
import type { Bus, BusLink } from './bus.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Logger } from './logger.ts'
import { LaterError, type Poison } from './poison.ts'
import { isTraced, traceTogether } from './spans.ts'
import {
  type BatchWork,
  type Item,
  partsOf,
  type Patience,
  poisonsOf,
  processBatch,
  readOf,
} from './process-batch.ts'

export interface ConsumerOptions<Message> {
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
  link: BusLink
  /** Stores messages aside; only then are they taken off the stream. */
  keepAside(poisons: Poison[]): Promise<void>
  logger: Logger
  metrics?: ConsumerMetrics
}

export interface RunningConsumer {
  stop(): Promise<void>
}

/** Few enough to be handled before the bus delivers them again. */
const BATCH_MAX = 200
const batchMaxOf = ({ batchMax = BATCH_MAX }: { batchMax?: number }) => batchMax
const REOPEN_MS = 500
/** What a killed reader had in hands comes again after this long; a repeat that was not needed is dropped by its id. */
const ACK_WAIT_MS = 4_000
const ATTEMPTS_MAX = 5
/** Five tries so far apart outlive the minute that limits of requests count. */
const LATER_MS_MAX = 15_000
/** Many more than one reader has in hands, so that those which were given back for later do not hold up all others. */
const UNDONE_MAX = 2_000

/**
 * Reads a stream for as long as the service runs, for a service without a database: the bus remembers what was done. One
 * with a database reads by startReader. What arrives while a batch is being stored goes into the next one.
 * ack: stored, now or before; nak: try later; term: kept aside, because it can never work. While the database is away the
 * batch waits where it is, and what follows stays behind it.
 */
export function startConsumer<Message>(options: ConsumerOptions<Message>): RunningConsumer {
  const { link, logger } = options
  let stopped = false
  let reached = false
  let open: ConsumerMessages | undefined
  const work = durableWork(options, () => stopped)

  const readOnce = async (bus: Bus) => {
    await ensureConsumer(bus, options)
    options.metrics?.watch(options.durable, async () => {
      if (!link.isConnected()) throw new Error('NATS is not connected')
      const state = await bus.jsm.consumers.info(bus.stream(options.stream), bus.durable(options.durable))
      return { lag: state.num_pending + state.num_ack_pending, redelivered: state.num_redelivered }
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
      await processBatch(work, batch, { name: options.durable, logger, metrics: options.metrics })
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

/** Handles a batch for a reader whose place the bus remembers. */
export const durableWork = <Message>(
  options: ConsumerOptions<Message>,
  isStopped: () => boolean,
): BatchWork<Message> => ({
  parse: options.parse,
  commit: (items) => handleAndAcknowledge(options, items),
  onFailure: giveBack,
  isStopped,
})

/** All of them are handled, or all of them come again. */
async function handleAndAcknowledge<Message>(
  { stream, handle, keepAside }: ConsumerOptions<Message>,
  items: readonly Item<Message>[],
): Promise<void> {
  const [messages, poisons] = [readOf(items), poisonsOf(stream, items)]
  if (messages.length > 0) await traceTogether(isTraced() ? partsOf(items) : [], () => handle(messages))
  if (poisons.length > 0) await keepAside(poisons)
  for (const { message, wrong } of items)
    if (wrong) message.term()
    else message.ack()
}

function giveBack(message: JsMsg, _failures: number, error: Error): Promise<Patience> {
  const attempt = message.info.deliveryCount
  if (attempt >= ATTEMPTS_MAX) return Promise.resolve('never')
  const asked = error instanceof LaterError ? Math.min(error.afterMs, LATER_MS_MAX) : 0
  message.nak(Math.max(asked, Math.min(200 * 2 ** attempt, 5_000)))
  return Promise.resolve('later')
}

/** Makes the durable consumer, or brings the one that is there up to these settings. */
async function ensureConsumer<Message>(bus: Bus, options: ConsumerOptions<Message>): Promise<void> {
  const [stream, durable] = [bus.stream(options.stream), bus.durable(options.durable)]
  const settings = {
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: UNDONE_MAX,
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
