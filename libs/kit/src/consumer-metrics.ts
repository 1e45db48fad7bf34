import { Counter, Gauge, type Registry } from 'prom-client'
import type { RequestMetrics } from './metrics.ts'
import { type PoisonKind, poisonKinds } from './poison.ts'

const READ_MS_MAX = 1_000

/** How far a reader of the bus is. */
export interface ReaderState {
  /** Messages on the bus that it has not done. */
  lag: number
  /** Seconds that the oldest of those has been on the bus. */
  ageSeconds?: number
  /** Messages in hands that the bus has delivered more than once. */
  redelivered?: number
}

export interface ConsumerMetrics {
  keptAside(consumer: string, kind: PoisonKind): void
  retried(consumer: string): void
  /** Counts that the stream was not the one that the reader knew, so that it was read from its beginning. */
  startedOver(consumer: string): void
  /** Shows how far a reader is whenever somebody asks. */
  watch(consumer: string, read: () => Promise<ReaderState>): void
}

/** One set for all consumers of a service. */
export function createConsumerMetrics({ registry }: RequestMetrics): ConsumerMetrics {
  const registers = [registry]
  const readers: Readers = new Map()
  const keptAside = new Counter({
    name: 'consumer_kept_aside_total',
    help: 'Messages that could not be processed and were kept aside, by what is wrong with them',
    labelNames: ['consumer', 'kind'],
    registers,
  })
  const retried = new Counter({
    name: 'consumer_retries_total',
    help: 'Failures of a message after which it was tried again',
    labelNames: ['consumer'],
    registers,
  })
  const startedOver = new Counter({
    name: 'consumer_started_over_total',
    help: 'Times that a stream was made anew or set back, so that it was read from its beginning',
    labelNames: ['consumer'],
    registers,
  })
  addReaderGauges(registers, readers)
  return {
    keptAside: (consumer, kind) => keptAside.inc({ consumer, kind }),
    retried: (consumer) => retried.inc({ consumer }),
    startedOver: (consumer) => startedOver.inc({ consumer }),
    watch: (consumer, read) => {
      // Begins at 0, so that the first one that is kept aside is seen as an increase.
      for (const kind of poisonKinds) keptAside.inc({ consumer, kind }, 0)
      readers.set(consumer, read)
    },
  }
}

type Readers = Map<string, () => Promise<ReaderState>>

function addReaderGauges(registers: Registry[], readers: Readers): void {
  const age = new Gauge({
    name: 'consumer_lag_seconds',
    help: 'How long the oldest message that is not stored yet has been on the bus',
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
      age.reset()
      const show = async ([consumer, read]: [string, () => Promise<ReaderState>]) => {
        const state = await withinTime(read())
        this.set({ consumer }, state.lag)
        if (state.ageSeconds !== undefined) age.set({ consumer }, state.ageSeconds)
        if (state.redelivered !== undefined) redelivered.set({ consumer }, state.redelivered)
      }
      await Promise.allSettled([...readers].map(show))
    },
  })
}

/** Whoever asks for metrics does not wait for a bus that hangs. */
function withinTime<Value>(answer: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('timeout')), READ_MS_MAX).unref()
  })
  return Promise.race([answer, late])
}
