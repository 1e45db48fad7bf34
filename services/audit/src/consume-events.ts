import { AccessBatch, type StreamName } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { startConsumer, type StreamReader } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { keepAside } from '@common-purse/kit/unreadable'
import type pg from 'pg'
import { storeAccessLines } from './access/access-store.ts'
import { appendEvents } from './entries/append-events.ts'

interface Deps {
  pool: pg.Pool
  link: BusLink
  logger: Logger
  metrics: ConsumerMetrics
}

/** Durable consumers of events by the stream they read; replicas of the service share each of them. */
const eventDurables = {
  AUTH_EVENTS: 'audit-auth',
  LEDGER_EVENTS: 'audit-ledger',
  AUDIT_EVENTS: 'audit-audit',
} as const satisfies Partial<Record<StreamName, string>>

/** A message holds 200 lines: more at once would keep the events waiting for their turn on the processor. */
const ACCESS_BATCHES_MAX = 10

/** What the trail and the access log read of the bus; also what is replayed goes through these. */
export const trailReaders = (pool: pg.Pool): StreamReader<unknown>[] => [
  ...Object.entries(eventDurables).map(([stream, durable]) => ({
    stream: stream as StreamName,
    durable,
    parse: parseDomainEvent,
    handle: appendEvents(pool),
  })),
  {
    stream: 'ACCESS_LOG',
    durable: 'audit-access',
    parse: (text: string) => AccessBatch.parse(JSON.parse(text)),
    batchMax: ACCESS_BATCHES_MAX,
    handle: (batches: AccessBatch[]) =>
      storeAccessLines(
        pool,
        batches.flatMap(({ lines }) => lines),
      ),
  },
]

/** Reads every stream into the trail and the access log. */
export function startConsumers({ pool, ...deps }: Deps): { stop(): Promise<void> } {
  const shared = { ...deps, keepAside: keepAside(pool) }
  const consumers = trailReaders(pool).map((reader) => startConsumer({ ...shared, ...reader }))
  return { stop: async () => void (await Promise.all(consumers.map((consumer) => consumer.stop()))) }
}
