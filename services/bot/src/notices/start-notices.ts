import { createStopStack } from '@common-purse/kit/stop-stack'
import type { BusLink } from '@common-purse/kit/bus'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Rate } from '@common-purse/kit/config'
import type { Logger } from '@common-purse/kit/logger'
import type { Telegram } from 'telegraf'
import type { SessionStore } from '../session-store.ts'
import { createPeopleCompletion } from './complete-people.ts'
import { createMessenger, type noticeCounter } from './messenger.ts'
import { createNoticeBudget } from './notice-budget.ts'
import type { NoticeDeps } from './notice-deps.ts'
import { startWatchingMoney } from './watch-money.ts'
import { startWatchingPeople } from './watch-people.ts'
import { startWatchingSecurity } from './watch-security.ts'

interface Deps extends Omit<NoticeDeps, 'messenger'> {
  link: BusLink
  sessions: SessionStore
  telegram: Telegram
  logger: Logger
  /** Notices about money that one chat gets. */
  noticeRate: Rate
  countNotice: ReturnType<typeof noticeCounter>
  metrics: ConsumerMetrics
}

/** What the bot hears on the bus and tells people without being asked. */
export function startNotices(deps: Deps): { stop(): Promise<void> } {
  const messenger = createMessenger({ ...deps, allow: createNoticeBudget(deps.noticeRate) })
  const watching = { ...deps, complete: createPeopleCompletion(deps), messenger }
  const opened = createStopStack()
  for (const start of [startWatchingPeople, startWatchingMoney, startWatchingSecurity])
    opened.push(start(watching).stop)
  return { stop: opened.stop }
}
