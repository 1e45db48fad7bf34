import type { Logger } from './logger.ts'
import { traceFromNowOn } from './spans.ts'
import type { Stop } from './stop-stack.ts'

/** A collector that is away must not hold up who stops. */
const FLUSH_MS_MAX = 3_000
/** One that stays away is told of this often. */
const TELL_MS = 300_000

/**
 * Sends traces to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, as OpenTelemetry's own variables say; without it
 * loads nothing. Metrics are fetched and logs are read where they are: neither is sent. What cannot be sent is dropped once
 * the queue is full (OTEL_BSP_MAX_QUEUE_SIZE), so that it costs no request anything.
 */
export async function startTelemetry(service: string, env: NodeJS.ProcessEnv, logger: Logger): Promise<Stop> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT']) return () => undefined
  const [{ diag, DiagLogLevel }, { NodeSDK }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
  ])
  const tell = atTimes(TELL_MS, () => logger.warn('Traces do not reach the collector'))
  const nothing = () => undefined
  diag.setLogger(
    { error: tell, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  )
  const sdk = new NodeSDK({ serviceName: service, metricReaders: [], logRecordProcessors: [] })
  sdk.start()
  traceFromNowOn()
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MS_MAX)))
    await Promise.race([sdk.shutdown().catch(nothing), late]).finally(() => clearTimeout(timer))
  }
}

function atTimes(everyMs: number, say: () => void): () => void {
  let last = -Infinity
  return () => {
    if (performance.now() - last < everyMs) return
    last = performance.now()
    say()
  }
}
