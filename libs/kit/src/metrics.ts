import type { Request, Response } from 'express'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Rate, errors and duration per route, by the route's pattern and never by what a person asked for. */
export interface RequestMetrics {
  registry: Registry
  observe(req: Request, res: Response): void
  /** A value that is read when somebody asks for it; NaN when it cannot be read, so that the others are shown. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void
  /** Counts something by one label; the values of the label are few. */
  counter(name: string, help: string, label: string): (value: string) => void
}

export function createMetrics(service: string): RequestMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  return {
    registry,
    observe: (req, res) => {
      const startedAt = performance.now()
      res.once('close', () => {
        const route = (res.locals['route'] as string | undefined) ?? 'none'
        duration.observe(
          { method: req.method, route, status: res.statusCode },
          (performance.now() - startedAt) / 1000,
        )
      })
    },
    counter: (name, help, label) => {
      const counter = new Counter({ name, help, labelNames: [label], registers: [registry] })
      return (value) => counter.inc({ [label]: value })
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
