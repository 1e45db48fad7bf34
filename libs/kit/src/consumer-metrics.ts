import { Counter, Gauge } from 'prom-client'
import type { RequestMetrics } from './metrics.ts'
import type { PoisonKind } from './poison.ts'

const READ_MS_MAX = 1_000

/** What the server tells of a consumer; the least that is shown of it. */
interface ConsumerState {
  num_pending: number
  num_ack_pending: number
  num_redelivered: number
}

export interface ConsumerMetrics {
  keptAside(consumer: string, kind: PoisonKind): void
  retried(consumer: string): void
  /** Shows what the server tells of a consumer whenever somebody asks. */
  watch(consumer: string, read: () => Promise<ConsumerState>): void
}

/** One set for all consumers of a service. */
export function createConsumerMetrics({ registry }: RequestMetrics): ConsumerMetrics {
  const registers = [registry]
  const readers = new Map<string, () => Promise<ConsumerState>>()
  const keptAside = new Counter({
    name: 'consumer_kept_aside_total',
    help: 'Messages that could not be processed and were kept aside, by what is wrong with them',
    labelNames: ['consumer', 'kind'],
    registers,
  })
  const retried = new Counter({
    name: 'consumer_retries_total',
    help: 'Messages given back to the bus to be tried again',
    labelNames: ['consumer'],
    registers,
  })
  const redelivered = new Gauge({
    name: 'consumer_redelivered_messages',
    help: 'Messages in hands that the bus has delivered more than once',
    labelNames: ['consumer'],
    registers,
  })
  new Gauge({
    name: 'consumer_lag_messages',
    help: 'Messages on the bus that are not stored yet',
    labelNames: ['consumer'],
    registers,
    async collect() {
      this.reset() // while the bus is away nobody knows, and an old number would be a lie
      redelivered.reset()
      const show = async ([consumer, read]: [string, () => Promise<ConsumerState>]) => {
        const { num_pending, num_ack_pending, num_redelivered } = await withinTime(read())
        this.set({ consumer }, num_pending + num_ack_pending)
        redelivered.set({ consumer }, num_redelivered)
      }
      await Promise.allSettled([...readers].map(show))
    },
  })
  return {
    keptAside: (consumer, kind) => keptAside.inc({ consumer, kind }),
    retried: (consumer) => retried.inc({ consumer }),
    watch: (consumer, read) => void readers.set(consumer, read),
  }
}

/** Whoever asks for metrics does not wait for a bus that hangs. */
function withinTime<Value>(answer: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('timeout')), READ_MS_MAX).unref()
  })
  return Promise.race([answer, late])
}
