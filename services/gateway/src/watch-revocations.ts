import { revocationOf } from '@common-purse/contracts'
import type { Bus, BusLink } from '@common-purse/kit/bus'
import type { HouseClock } from '@common-purse/kit/house-clock'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import type { DenySet } from './deny-set.ts'
import type { Freshness } from './freshness.ts'

export interface RevocationWatch {
  stop(): Promise<void>
}

export interface WatchOptions {
  link: BusLink
  denied: Pick<DenySet, 'apply'>
  freshness: Pick<Freshness, 'confirm'>
  tokenLifeMs: number
  clock: Pick<HouseClock, 'now'>
  logger: Logger
}

const REOPEN_MS = 250
/** A server with nothing to say says so this often. */
const HEARTBEAT_MS = 500

/**
 * Keeps the deny set current. Each opening reads from before the oldest living token was made, so that a gateway that was
 * just started, or cut off, knows what it missed. An ordered consumer is this gateway's own: each hears every event.
 */
export function watchRevocations(options: WatchOptions): RevocationWatch {
  const { link, denied, freshness, tokenLifeMs, clock, logger } = options
  let stopped = false
  let open: ConsumerMessages | undefined

  const readOnce = async (bus: Bus) => {
    const consumer = await bus.js.consumers.get(bus.stream('AUTH_EVENTS'), {
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(clock.now().getTime() - tokenLifeMs - 60_000).toISOString(),
    })
    const { num_pending: waiting } = await consumer.info()
    const place = { waiting, delivered: 0 }
    if (waiting === 0) freshness.confirm()
    const messages = await consumer.consume({
      max_messages: 500,
      expires: 10_000,
      idle_heartbeat: HEARTBEAT_MS,
    })
    open = messages
    if (stopped) return void messages.close()
    void followStatus(messages, place, freshness)
    for await (const message of messages) {
      apply(denied, message, logger)
      place.waiting = message.info.pending
      place.delivered = message.info.deliverySequence
      if (place.waiting === 0) freshness.confirm()
    }
  }

  const run = async () => {
    const bus = await link.ready
    while (!stopped) {
      await readOnce(bus).catch((error: unknown) => {
        if (!stopped) logger.warn({ err: (error as Error).message }, 'Reading revocations again')
      })
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS))
    }
  }
  const running = run().catch((error: unknown) => {
    if (!stopped) logger.error({ err: error }, 'Revocations are not read any more')
  })

  return {
    stop: async () => {
      stopped = true
      await open?.close()
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 2_000).unref())])
    },
  }
}

const losses = new Set([
  'consumer_not_found',
  'consumer_deleted',
  'stream_not_found',
  'heartbeats_missed',
  'no_responders',
  'reset',
])

/** How far the reading has come: messages that the server still has, and the number of the last one that arrived. */
interface Place {
  waiting: number
  delivered: number
}

/**
 * Hears the heartbeats. A restarted bus has forgotten this consumer, and the client's own way of making it anew can stay
 * stuck for good (seen with nats-server 2.9), so the reading is closed at the first sign, and opened again from the
 * beginning. So it is when the server has sent more than arrived: what is sent into a connection that breaks is lost, and
 * nothing but the numbers in the heartbeats tells.
 */
async function followStatus(
  messages: ConsumerMessages,
  place: Place,
  { confirm }: Pick<Freshness, 'confirm'>,
): Promise<void> {
  let missing: number | undefined
  for await (const notice of messages.status()) {
    if (losses.has(notice.type)) return void messages.close()
    if (notice.type !== 'heartbeat') continue
    const complete = notice.lastConsumerSequence <= place.delivered
    if (complete && place.waiting === 0) confirm()
    // Once may be a message that arrived and is being read.
    if (!complete && missing === place.delivered) return void messages.close()
    missing = complete ? undefined : place.delivered
  }
}

/** What cannot be read revokes nothing and must not stop the reading; the trail keeps it aside with its reason. */
function apply(denied: Pick<DenySet, 'apply'>, message: JsMsg, logger: Logger): void {
  try {
    const revocation = revocationOf(parseDomainEvent(message.string(), message.subject))
    if (revocation) denied.apply(revocation)
  } catch (error) {
    logger.warn({ err: (error as Error).message.slice(0, 200) }, 'An auth event could not be read')
  }
}
