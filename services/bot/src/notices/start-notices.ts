import { createStopStack } from '@common-purse/kit/stop-stack'
import type { BusLink } from '@common-purse/kit/bus'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import type { Telegram } from 'telegraf'
import type { SessionStore } from '../session-store.ts'
import { createPeopleCompletion } from './complete-people.ts'
import { createMessenger } from './messenger.ts'
import type { NoticeDeps } from './notice-deps.ts'
import { startWatchingMoney } from './watch-money.ts'
import { startWatchingPeople } from './watch-people.ts'
import { startWatchingSecurity } from './watch-security.ts'

interface Deps extends Omit<NoticeDeps, 'messenger'> {
  link: BusLink
  sessions: SessionStore
  telegram: Telegram
  logger: Logger
  metrics: ConsumerMetrics
}

/** What the bot hears on the bus and tells people without being asked. */
export function startNotices(deps: Deps): { stop(): Promise<void> } {
  const watching = { ...deps, complete: createPeopleCompletion(deps), messenger: createMessenger(deps) }
  const opened = createStopStack()
  for (const start of [startWatchingPeople, startWatchingMoney, startWatchingSecurity])
    opened.push(start(watching).stop)
  return { stop: opened.stop }
}
