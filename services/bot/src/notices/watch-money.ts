import { actionOf, type DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { type RunningConsumer, startConsumer } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { StoreAwayError } from '@common-purse/kit/poison'
import { askApprovers } from './ask-approvers.ts'
import { isOld, type NoticeDeps } from './notice-deps.ts'
import { refreshCards } from './refresh-cards.ts'
import { tellAuthor } from './tell-author.ts'
import { type FindThresholds, rememberThresholds, tellLargeSpend } from './tell-large-spend.ts'

interface Deps extends NoticeDeps {
  link: BusLink
  /** Resolves when it is known who can be told; false when that was not so before. */
  complete(): Promise<boolean>
  logger: Logger
  metrics: ConsumerMetrics
}

/** Few together: what is told already is told quietly again when one behind it has to wait. */
const AT_ONCE = 10

/** What happens to money, told to those whom it concerns: an event is done with when all of them have been told. */
export function startWatchingMoney(deps: Deps): RunningConsumer {
  const thresholds = rememberThresholds(deps)
  return startConsumer({
    link: deps.link,
    stream: 'LEDGER_EVENTS',
    durable: 'bot-money',
    filter: 'ledger.transaction.*.v1',
    batchMax: AT_ONCE,
    parse: parseDomainEvent,
    handle: async (events) => {
      await deps.complete()
      for (const event of events) await tell(deps, thresholds, event)
      // Emptied in the middle of it, the memory knew of nobody: those events are told again.
      if (!(await deps.complete())) throw new StoreAwayError('The memory was emptied meanwhile')
    },
    // The trail keeps every event; one that cannot be told is told by /pending and /list.
    keepAside: () => Promise.resolve(),
    logger: deps.logger,
    metrics: deps.metrics,
  })
}

async function tell(deps: NoticeDeps, thresholds: FindThresholds, event: DomainEvent): Promise<void> {
  const action = actionOf(event.type)
  if (action === 'transaction.submitted') return await askApprovers(deps, event)
  const waited = event.data.old_values?.['status'] === 'pending_approval'
  if (waited) await refreshCards(deps, event)
  if (isOld(event)) return
  if (waited && action !== 'transaction.approved') await tellAuthor(deps, event)
  if (!waited && action === 'transaction.posted') await tellLargeSpend(deps, thresholds, event)
}
