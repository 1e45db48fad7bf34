import { randomBytes } from 'node:crypto'
import { context, propagation, trace } from '@opentelemetry/api'

const shape = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The running span's W3C trace context; without telemetry the one that came in, or a new one. */
export function currentTraceparent(incoming: string | undefined): string {
  const carrier: Record<string, string> = {}
  if (trace.getActiveSpan()) propagation.inject(context.active(), carrier)
  if (carrier['traceparent']) return carrier['traceparent']
  if (incoming !== undefined && shape.test(incoming)) return incoming
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
