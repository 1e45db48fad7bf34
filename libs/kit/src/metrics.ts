import { problems } from '@common-purse/contracts'
import type { Request, Response } from 'express'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Numbers by the value of a label. */
export type Values = Readonly<Record<string, number>>

/** Rate, errors and duration per route, by the route's pattern and never by what a person asked for. */
export interface RequestMetrics {
  registry: Registry
  observe(req: Request, res: Response): void
  /** A value that is read when somebody asks for it; NaN when it cannot be read, so that the others are shown. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void
  /** As many values as the label has, read together; none while they cannot be read. */
  gauges(name: string, help: string, label: string, read: () => Promise<Values> | Values): void
  /** A count since the start that its owner keeps. */
  total(name: string, help: string, read: () => number): void
  /**
   * Counts something by one label; the values of the label are few. Those that are known before begin at 0, so that the
   * first one that is counted is seen as an increase.
   */
  counter(name: string, help: string, label: string, known?: readonly string[]): (value: string) => void
}

export function createMetrics(service: string): RequestMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    observe: observerIn(registry),
    counter: counterIn(registry),
    total: (name, help, read) => {
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    gauges: (name, help, label, read) => {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        async collect() {
          const values = await Promise.resolve()
            .then(read)
            .catch(() => ({}))
          this.reset()
          for (const [value, number] of Object.entries(values)) this.set({ [label]: value }, number)
        },
      })
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(
            await Promise.resolve()
              .then(read)
              .catch(() => NaN),
          )
        },
      })
    },
  }
}

const counterIn =
  (registry: Registry): RequestMetrics['counter'] =>
  (name, help, label, known = []) => {
    const counter = new Counter({ name, help, labelNames: [label], registers: [registry] })
    for (const value of known) counter.inc({ [label]: value }, 0)
    return (value) => counter.inc({ [label]: value })
  }

function observerIn(registry: Registry): RequestMetrics['observe'] {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const countProblem = counterIn(registry)(
    'http_problems_total',
    'Answers that were problem documents, by their code',
    'code',
    Object.keys(problems),
  )
  const replays = new Counter({
    name: 'http_idempotent_replays_total',
    help: 'Answers that were the stored ones of an earlier request with the same Idempotency-Key',
    registers: [registry],
  })
  return (req, res) => {
    const startedAt = performance.now()
    res.once('close', () => {
      const { route = 'none', problemCode } = res.locals as { route?: string; problemCode?: string }
      const labels = { method: req.method, route, status: res.statusCode }
      duration.observe(labels, (performance.now() - startedAt) / 1000)
      if (problemCode !== undefined) countProblem(problemCode)
      if (res.hasHeader('idempotent-replayed')) replays.inc()
    })
  }
}
