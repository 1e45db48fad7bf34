import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'

const at = (file: string) => JSON.stringify(join(import.meta.dirname, file))

/** A process of its own, which says which packages of OpenTelemetry it has loaded, and whether a span would be made. */
const program = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const [, name] = /@opentelemetry\\/([\\w-]+)/.exec(found.url) ?? []
    if (name) loaded.add(name)
    return found
  },
})
const { createLogger } = await import(${at('logger.ts')})
const { startTelemetry } = await import(${at('telemetry.ts')})
const { activeTraceId, traceWork } = await import(${at('spans.ts')})
await startTelemetry('kit', process.env, createLogger('kit', 'silent'))
const traceId = await traceWork('work', () => Promise.resolve(activeTraceId()))
console.log(JSON.stringify({ loaded: [...loaded], traceId: traceId ?? null }))
process.exit(0)
`

async function load(endpoint: string): Promise<{ loaded: string[]; traceId: string | null }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  })
  return JSON.parse(stdout) as { loaded: string[]; traceId: string | null }
}

describe('telemetry', () => {
  test('without a collector nothing of the SDK is loaded, and nothing is traced', async () => {
    expect(await load('')).toEqual({ loaded: ['api'], traceId: null })
  })

  test('with one it is, and what is done is traced, whether or not the collector is there', async () => {
    const { loaded, traceId } = await load('http://127.0.0.1:9')
    expect(loaded).toContain('sdk-node')
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  })
})
