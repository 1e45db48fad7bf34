import { DomainEvent, type StreamName } from '@common-purse/contracts'
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Bus, BusLink } from './bus.ts'
import { isDatabaseAway } from './database.ts'
import type { Logger } from './logger.ts'

/** A message that can never be processed; the reason is kept with it. */
export interface Poison {
  stream: string
  streamSeq: number
  subject: string
  raw: Uint8Array
  reason: string
}

/** Thrown by a handler for an event that is wrong in itself: it is kept aside instead of tried again. */
export class PoisonError extends Error {
  override name = 'PoisonError'
}

export interface ConsumerOptions<Message> {
  link: BusLink
  stream: StreamName
  /** Name of the durable consumer: replicas with the same name share the work. */
  durable: string
  /** Subject to filter by, without prefix; all of the stream unless given. */
  filter?: string
  /** Reads the text of a message; throws when it is not what this consumer knows. */
  parse(text: string): Message
  /** Stores messages, all or none; must bear repeats. */
  handle(messages: Message[]): Promise<void>
  /** Stores a message aside; only then is it taken off the stream. */
  keepAside(poison: Poison): Promise<void>
  logger: Logger
}

export interface RunningConsumer {
  stop(): Promise<void>
}

const BATCH_MAX = 200
const ATTEMPTS_MAX = 5
const REOPEN_MS = 500
/** What a killed reader had in hands comes again after this long; a repeat that was not needed is dropped by its id. */
const ACK_WAIT_MS = 4_000

export const parseDomainEvent = (text: string): DomainEvent => DomainEvent.parse(JSON.parse(text))

/**
 * Reads a stream for as long as the service runs. What arrives while a batch is being stored goes into the next one.
 * ack: stored, now or before; nak: try later; term: kept aside, because it can never work.
 */
export function startConsumer<Message>(options: ConsumerOptions<Message>): RunningConsumer {
  const { link, logger } = options
  let stopped = false
  let reached = false
  let open: ConsumerMessages | undefined

  const readOnce = async (bus: Bus) => {
    await ensureConsumer(bus, options)
    const consumer = await bus.js.consumers.get(bus.stream(options.stream), bus.durable(options.durable))
    const messages = await consumer.consume({
      max_messages: 2 * BATCH_MAX,
      expires: 10_000,
      abort_on_missing_resource: true, // a consumer that is gone is made again instead of waited for
    })
    open = messages
    if (stopped) return void messages.close()
    for await (const batch of inBatches(messages)) await processBatch(options, batch)
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
    max_ack_pending: 4 * BATCH_MAX,
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

/** Groups what has already arrived; a lone message goes at once. */
async function* inBatches(messages: ConsumerMessages): AsyncGenerator<JsMsg[]> {
  const waiting: JsMsg[] = []
  let wake: () => void = () => undefined
  let ended = false
  let failure: Error | undefined
  const collect = async () => {
    for await (const message of messages) {
      waiting.push(message)
      wake()
    }
  }
  void collect()
    .catch((error: Error) => (failure = error))
    .finally(() => ((ended = true), wake()))
  for (;;) {
    if (waiting.length > 0) yield waiting.splice(0, BATCH_MAX)
    else if (ended) break
    else await new Promise<void>((resolve) => (wake = resolve))
  }
  if (failure) throw failure
}

async function processBatch<Message>(options: ConsumerOptions<Message>, batch: JsMsg[]): Promise<void> {
  const good: { message: JsMsg; parsed: Message }[] = []
  for (const message of batch) {
    try {
      good.push({ message, parsed: options.parse(message.string()) })
    } catch (error) {
      await putAside(options, message, `unreadable: ${(error as Error).message.slice(0, 500)}`)
    }
  }
  if (good.length === 0) return
  try {
    await options.handle(good.map(({ parsed }) => parsed))
    for (const { message } of good) message.ack()
  } catch (error) {
    const away = !(error instanceof PoisonError) && isDatabaseAway(error) // a poison's text may speak of connections
    if (good.length === 1 || away)
      for (const { message } of good) await retryOrPutAside(options, message, error)
    else await oneByOne(options, good) // one of them is the trouble: find it without holding up the others
  }
}

async function oneByOne<Message>(
  options: ConsumerOptions<Message>,
  batch: { message: JsMsg; parsed: Message }[],
): Promise<void> {
  for (const { message, parsed } of batch) {
    try {
      await options.handle([parsed])
      message.ack()
    } catch (error) {
      await retryOrPutAside(options, message, error)
    }
  }
}

async function retryOrPutAside<Message>(
  options: ConsumerOptions<Message>,
  message: JsMsg,
  error: unknown,
): Promise<void> {
  const attempt = message.info.deliveryCount
  const hopeless = error instanceof PoisonError || (!isDatabaseAway(error) && attempt >= ATTEMPTS_MAX)
  if (hopeless) return putAside(options, message, (error as Error).message.slice(0, 500))
  options.logger.warn(
    { err: (error as Error).message, attempt, seq: message.seq },
    'An event will be tried again',
  )
  message.nak(Math.min(200 * 2 ** attempt, 5_000))
}

async function putAside<Message>(
  options: ConsumerOptions<Message>,
  message: JsMsg,
  reason: string,
): Promise<void> {
  const poison = {
    stream: options.stream,
    streamSeq: message.seq,
    subject: message.subject,
    raw: message.data,
    reason,
  }
  try {
    await options.keepAside(poison)
    options.logger.error({ subject: message.subject, seq: message.seq, reason }, 'A message was kept aside')
    message.term()
  } catch (error) {
    options.logger.warn({ err: (error as Error).message }, 'A message could not be kept aside yet')
    message.nak(1_000)
  }
}
