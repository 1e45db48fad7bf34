import { actionOf, type DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { type RunningConsumer, startConsumer } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import type { FamilySessions } from '../family-sessions.ts'
import type { SessionStore } from '../session-store.ts'
import type { People } from './people.ts'

interface Deps {
  link: BusLink
  people: People
  sessions: SessionStore
  families: FamilySessions
  logger: Logger
  metrics: ConsumerMetrics
}

/** Keeps the register of who can be told; the tokens of a link that was cut are forgotten with it. */
export const startWatchingPeople = (deps: Deps): RunningConsumer =>
  startConsumer({
    link: deps.link,
    stream: 'AUTH_EVENTS',
    durable: 'bot-people',
    parse: parseDomainEvent,
    handle: async (events) => {
      await Promise.all(events.map((event) => deps.people.apply(event)))
      for (const event of events)
        if (actionOf(event.type) === 'telegram.unbound') await forgetTokens(deps, event)
    },
    keepAside: () => Promise.resolve(), // the trail keeps every event
    logger: deps.logger,
    metrics: deps.metrics,
  })

async function forgetTokens({ people, sessions, families }: Deps, { data }: DomainEvent): Promise<void> {
  const { telegram_id: telegramId, user_id: userId } = data.old_values ?? {}
  if (typeof telegramId !== 'string' || typeof userId !== 'string') return
  await sessions.forget(telegramId)
  await families.forget(telegramId, await people.familiesOf(userId))
}
