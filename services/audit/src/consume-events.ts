import { AccessBatch, type DomainEvent, type StreamName } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { parseDomainEvent, PoisonError, startConsumer } from '@common-purse/kit/consume'
import { sqlState } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import { storeAccessLines } from './access/access-store.ts'
import { appendEvents } from './entries/append-events.ts'
import { keepAside } from './unreadable/unreadable-store.ts'

interface Deps {
  pool: pg.Pool
  link: BusLink
  logger: Logger
}

/** Durable consumers by the stream they read; replicas of the service share each of them. */
const eventDurables = {
  AUTH_EVENTS: 'audit-auth',
  LEDGER_EVENTS: 'audit-ledger',
  AUDIT_EVENTS: 'audit-audit',
} as const satisfies Partial<Record<StreamName, string>>

/** No event of ours comes near: one that large would burden every reader of the trail for ever. */
const EVENT_CHARACTERS_MAX = 256 * 1024

/** Reads every stream into the trail and the access log. */
export function startConsumers({ pool, link, logger }: Deps): { stop(): Promise<void> } {
  const shared = { link, logger, keepAside: keepAside(pool) }
  const consumers = [
    ...Object.entries(eventDurables).map(([stream, durable]) =>
      startConsumer({
        ...shared,
        stream: stream as StreamName,
        durable,
        parse: parseEvent,
        handle: refusingPoison(appendEvents(pool)),
      }),
    ),
    startConsumer({
      ...shared,
      stream: 'ACCESS_LOG',
      durable: 'audit-access',
      parse: (text) => AccessBatch.parse(JSON.parse(text)),
      handle: refusingPoison((batches: AccessBatch[]) =>
        storeAccessLines(
          pool,
          batches.flatMap(({ lines }) => lines),
        ),
      ),
    }),
  ]
  return { stop: async () => void (await Promise.all(consumers.map((consumer) => consumer.stop()))) }
}

function parseEvent(text: string): DomainEvent {
  if (text.length > EVENT_CHARACTERS_MAX)
    throw new RangeError(`larger than ${EVENT_CHARACTERS_MAX} characters`)
  return parseDomainEvent(text)
}

/** What the database refuses for its content (a NUL in a text, a date before its time) it will refuse for ever. */
const refusingPoison =
  <Message>(store: (messages: Message[]) => Promise<void>) =>
  async (messages: Message[]): Promise<void> => {
    try {
      await store(messages)
    } catch (error) {
      if (!/^(22|54)/.test(sqlState(error) ?? '')) throw error
      throw new PoisonError(`The database refuses the content: ${(error as Error).message}`, { cause: error })
    }
  }
