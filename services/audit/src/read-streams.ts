import { AccessBatch, type StreamName } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { type ReaderDeps, startReader, type StreamReader } from '@common-purse/kit/start-reader'
import { storeAccessLines } from './access/access-store.ts'
import { appendEvents } from './entries/append-events.ts'

/** Names of the readers of events by the stream they read. */
const eventReaders = {
  AUTH_EVENTS: 'audit-auth',
  LEDGER_EVENTS: 'audit-ledger',
  AUDIT_EVENTS: 'audit-audit',
} as const satisfies Partial<Record<StreamName, string>>

/** A message holds 200 lines: more at once would keep the events waiting for their turn on the processor. */
const ACCESS_BATCHES_MAX = 10

/** What the trail and the access log read of the bus; also what is replayed goes through these. */
export const trailReaders: StreamReader<unknown>[] = [
  ...Object.entries(eventReaders).map(([stream, name]) => ({
    stream: stream as StreamName,
    name,
    parse: parseDomainEvent,
    handle: appendEvents,
  })),
  {
    stream: 'ACCESS_LOG',
    name: 'audit-access',
    parse: (text: string) => AccessBatch.parse(JSON.parse(text)),
    batchMax: ACCESS_BATCHES_MAX,
    handle: (tx: Tx, batches: AccessBatch[]) =>
      storeAccessLines(
        tx,
        batches.flatMap(({ lines }) => lines),
      ),
  },
]

/** Reads every stream into the trail and the access log. */
export function startReaders(deps: ReaderDeps): { stop(): Promise<void> } {
  const readers = trailReaders.map((reader) => startReader(reader, deps))
  return { stop: async () => void (await Promise.all(readers.map(({ stop }) => stop()))) }
}
