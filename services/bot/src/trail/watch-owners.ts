import { actionOf, type DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { type RunningConsumer, startConsumer } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import type { TrailDiary } from './trail-diary.ts'

interface Deps {
  link: BusLink
  diary: TrailDiary
  logger: Logger
  metrics: ConsumerMetrics
}

/** Whoever is no owner any more, has left, or has unlinked Telegram is not told of the trail from then on. */
export const startWatchingOwners = ({ link, diary, logger, metrics }: Deps): RunningConsumer =>
  startConsumer({
    link,
    stream: 'AUTH_EVENTS',
    durable: 'bot-owners',
    parse: parseDomainEvent,
    handle: async (events) => {
      for (const event of events) await follow(diary, event)
    },
    keepAside: () => Promise.resolve(), // the trail keeps every event
    logger,
    metrics,
  })

async function follow(diary: TrailDiary, { type, familyid, data }: DomainEvent): Promise<void> {
  const userId = data.old_values?.['user_id']
  if (typeof userId !== 'string') return
  const action = actionOf(type)
  const lost = action === 'member.role_changed' && data.new_values?.['role'] !== 'owner'
  if (action === 'member.removed' || lost) await diary.leave({ familyId: familyid, userId })
  if (action === 'telegram.unbound') await diary.forget(userId)
}
