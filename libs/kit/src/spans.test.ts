import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { traceFromNowOn, tracedFetch, traceStep, traceTogether, traceWork } from './spans.ts'
import { traceIdOf } from './trace.ts'

interface Seen {
  name: string
  links: { context: { spanId: string } }[]
  attributes: Record<string, unknown>
  parentSpanContext?: { spanId: string }
  spanContext(): { traceId: string; spanId: string }
}

const ended: Seen[] = []
const keep = {
  onStart: () => undefined,
  onEnd: (span: Seen) => void ended.push(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}
const sdk = new NodeSDK({ spanProcessors: [keep], metricReaders: [], logRecordProcessors: [] })
const heard: IncomingHttpHeaders[] = []
const server = createServer((req, res) => {
  heard.push(req.headers)
  res.statusCode = 404
  res.end()
})
let url: string

beforeAll(async () => {
  sdk.start()
  traceFromNowOn()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/people/42?name=olga`
})
beforeEach(() => void ended.splice(0))
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await sdk.shutdown()
})

const named = (name: string) => ended.find((span) => span.name === name)!
const idOf = (name: string) => named(name).spanContext().spanId
const part = (name: string, traceparent: string) => ({
  name,
  kind: 'internal' as const,
  traceparent,
  attributes: {},
})

describe('a call', () => {
  test('says in which trace it is, keeps its own headers, and tells nothing of its address', async () => {
    await traceWork('work', () => tracedFetch(url, { headers: { 'x-own': 'kept' } }))
    const { traceId, spanId } = named('GET').spanContext()
    expect(heard.at(-1)).toMatchObject({ traceparent: `00-${traceId}-${spanId}-01`, 'x-own': 'kept' })
    expect(named('GET').parentSpanContext!.spanId).toBe(idOf('work'))
    expect(named('GET').attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'http.response.status_code': 404,
    })
  })
})

describe('what is done for several at once', () => {
  const first = '00-11111111111111111111111111111111-1111111111111111-01'
  const second = '00-22222222222222222222222222222222-2222222222222222-01'
  const unsampled = '00-33333333333333333333333333333333-3333333333333333-00'

  test('is in the trace of each; its steps are in that of the first, to which the others have a link', async () => {
    await traceTogether([part('a', first), part('b', second)], () =>
      traceStep('step', () => Promise.resolve()),
    )
    expect(['a', 'b', 'step'].map((name) => named(name).spanContext().traceId)).toEqual(
      [first, second, first].map(traceIdOf),
    )
    expect(named('step').parentSpanContext!.spanId).toBe(idOf('a'))
    expect(named('b').links.map(({ context }) => context.spanId)).toEqual([idOf('a')])
  })

  test('is led by one that is recorded: what was not sampled is not traced', async () => {
    await traceTogether([part('c', unsampled), part('d', second)], () =>
      traceStep('step', () => Promise.resolve()),
    )
    expect(ended.map(({ name }) => name).toSorted()).toEqual(['d', 'step'])
    expect(named('step').parentSpanContext!.spanId).toBe(idOf('d'))
  })

  test('that fails says so in each of them, and throws what it threw', async () => {
    const failing = () => Promise.reject(new TypeError('olga@example.org'))
    await expect(traceTogether([part('a', first), part('b', second)], failing)).rejects.toThrow(TypeError)
    expect([named('a').attributes, named('b').attributes]).toEqual(
      Array.from({ length: 2 }, () => ({ 'error.type': 'TypeError' })),
    )
  })
})
