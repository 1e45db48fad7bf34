import type { Bus, BusLink } from '@common-purse/kit/bus'
import { parseDomainEvent } from '@common-purse/kit/consume'
import type { Logger } from '@common-purse/kit/logger'
import { type ConsumerMessages, DeliverPolicy } from '@nats-io/jetstream'
import type { DenySet } from './deny-set.ts'

export interface RevocationWatch {
  /** Resolves when everything that was on the bus at the start has been read. */
  caughtUp: Promise<void>
  stop(): Promise<void>
}

const REOPEN_MS = 250

/**
 * Keeps the deny set current. Each opening reads from before the oldest living token was made, so that a gateway that was
 * just started, or cut off, knows what it missed. An ordered consumer is this gateway's own: each hears every event.
 */
export function watchRevocations(
  link: BusLink,
  denied: DenySet,
  tokenLifeMs: number,
  logger: Logger,
): RevocationWatch {
  let stopped = false
  let open: ConsumerMessages | undefined
  let settle: () => void = () => undefined
  const caughtUp = new Promise<void>((resolve) => (settle = resolve))

  const readOnce = async (bus: Bus) => {
    const consumer = await bus.js.consumers.get(bus.stream('AUTH_EVENTS'), {
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(Date.now() - tokenLifeMs - 60_000).toISOString(),
    })
    const { num_pending: waiting } = await consumer.info()
    if (waiting === 0) settle()
    const messages = await consumer.consume({ max_messages: 500, expires: 10_000, idle_heartbeat: 1_000 })
    open = messages
    if (stopped) return void messages.close()
    void closeWhenLost(messages)
    for await (const message of messages) {
      apply(denied, message.string(), logger)
      if (message.info.pending === 0) settle()
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
    caughtUp,
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

/**
 * A restarted bus has forgotten this consumer. The client's own way of making it anew can stay stuck for good (seen
 * with nats-server 2.9), so the reading is closed at the first sign, and opened again from the beginning.
 */
async function closeWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (losses.has(type)) return void messages.close()
}

/** What cannot be read revokes nothing and must not stop the reading; the trail keeps it aside with its reason. */
function apply(denied: DenySet, text: string, logger: Logger): void {
  try {
    denied.apply(parseDomainEvent(text))
  } catch (error) {
    logger.warn({ err: (error as Error).message.slice(0, 200) }, 'An auth event could not be read')
  }
}
