import { createHash } from 'node:crypto'
import type { StreamName } from '@common-purse/contracts'
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Bus, BusLink } from './bus.ts'
import type { ReaderState } from './consumer-metrics.ts'
import type { StreamNow } from './decide-start.ts'

/** The server forgets a reader that does not ask any more; one that is there asks all the time. */
const FORGET_MS = 30_000
const ASK_MS = 4_000
const HEARTBEAT_MS = 1_000

/**
 * Makes a consumer on the server that begins at a number. It is this reader's alone, acknowledges nothing, and ends with
 * the stream and with the server: what it delivers is of one stream, and comes once.
 */
export async function makeConsumer(bus: Bus, stream: StreamName, from: number): Promise<Consumer> {
  const name = bus.stream(stream)
  const made = await bus.jsm.consumers.add(name, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    inactive_threshold: nanos(FORGET_MS),
    mem_storage: true,
    num_replicas: 1,
  })
  return await bus.js.consumers.get(name, made.name)
}

/** Asks for what the consumer has, with room for so many messages on their way. */
export const consumeFrom = (consumer: Consumer, room: number): Promise<ConsumerMessages> =>
  consumer.consume({
    max_messages: room,
    expires: ASK_MS,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  })

/** Counts deliveries, `delivered` before the batch; throws when one got lost on its way: it has to be asked for again. */
export function requireNoGap(batch: readonly JsMsg[], delivered: number): number {
  for (const { info } of batch)
    if (info.deliverySequence !== ++delivered)
      throw new Error('A message got lost between the bus and its reader')
  return delivered
}

export async function lookAtStream(bus: Bus, stream: StreamName, seq: number): Promise<StreamNow> {
  const name = bus.stream(stream)
  const { created, state } = await bus.jsm.streams.info(name)
  const message = seq > 0 ? await bus.jsm.streams.getMessage(name, { seq }) : null
  const digest = message ? digestOf(message.data) : null
  return { created, firstSeq: state.first_seq, lastSeq: state.last_seq, digest }
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** How far a reader is that has stored a stream up to a number. */
export async function stateOfReader(
  { bus, link }: { bus: Bus; link: BusLink },
  stream: StreamName,
  readSeq: () => Promise<number>,
): Promise<ReaderState> {
  if (!link.isConnected()) throw new Error('NATS is not connected')
  const name = bus.stream(stream)
  const [seq, { state }] = await Promise.all([readSeq(), bus.jsm.streams.info(name)])
  const next = Math.max(seq + 1, state.first_seq)
  const lag = Math.max(0, state.last_seq - next + 1)
  const oldest = lag > 0 ? await bus.jsm.streams.getMessage(name, { seq: next }) : null
  return { lag, ageSeconds: oldest ? Math.max(0, (Date.now() - oldest.time.getTime()) / 1_000) : 0 }
}
