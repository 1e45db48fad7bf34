import type { Stop } from './stop-stack.ts'

/**
 * Starts OpenTelemetry when a collector is named, else loads nothing of it.
 * Must run before the modules that it instruments are used.
 */
export async function startTelemetry(service: string, env: NodeJS.ProcessEnv): Promise<Stop> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT']) return () => undefined
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const sdk = new NodeSDK({ serviceName: service })
  sdk.start()
  return () => sdk.shutdown()
}
