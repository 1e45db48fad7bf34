import { randomUUID } from 'node:crypto'
import { context, propagation, trace } from '@opentelemetry/api'

const shape = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The running span's W3C trace context; without telemetry the one that came in, or a new one. */
export function currentTraceparent(incoming: string | undefined): string {
  const carrier: Record<string, string> = {}
  if (trace.getActiveSpan()) propagation.inject(context.active(), carrier)
  if (carrier['traceparent']) return carrier['traceparent']
  if (incoming !== undefined && shape.test(incoming)) return incoming
  return `00-${randomHex()}-${randomHex().slice(16)}-00`
}

/** 32 digits. Node keeps random bytes for UUIDs in stock, and goes to the system for each of its other random values. */
const randomHex = () => randomUUID().replaceAll('-', '')

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
