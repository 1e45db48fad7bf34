import type pg from 'pg'
import type { RequestMetrics } from './metrics.ts'
import type { ReadinessCheck } from './ops.ts'
import { outboxBacklog } from './outbox.ts'
import type { Relay } from './relay.ts'

/** An event that waits for longer is no matter of a busy moment. */
const STUCK_SECONDS = 30

/** Shows how the outbox is doing: as metrics, and as a check that fails while events do not reach the bus. */
export function watchOutbox(pool: pg.Pool, relay: Relay, metrics: RequestMetrics): ReadinessCheck {
  const backlog = () => outboxBacklog(pool)
  metrics.gauge(
    'outbox_age_seconds',
    'Age of the oldest event that the bus has not taken',
    async () => (await backlog()).age,
  )
  metrics.gauge(
    'outbox_unpublished_events',
    'Events that the bus has not taken',
    async () => (await backlog()).events,
  )
  metrics.gauge(
    'outbox_refused_events',
    'Events that the bus will not take as they are',
    () => relay.state().refused,
  )
  metrics.total(
    'outbox_publish_failures_total',
    'Turns of the relay that failed',
    () => relay.state().failures,
  )
  return {
    name: 'outbox',
    critical: false,
    check: async () => {
      const { failure, refused } = relay.state()
      if (refused > 0) throw new Error(`${refused} events are refused by the bus`)
      const { age, events } = await backlog()
      if (events > 0 && failure !== undefined) throw new Error(failure)
      if (age > STUCK_SECONDS) throw new Error(`The oldest event waits for ${Math.round(age)} s`)
    },
  }
}
