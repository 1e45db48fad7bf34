import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'

/** A span as a collector receives it by OTLP/HTTP in JSON, with what of its resource matters here. */
export interface ReceivedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  attributes: Record<string, unknown>
  links: string[]
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Exported {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes' | 'links'> & Raw)[] }[]
  }[]
}

interface Raw {
  attributes?: Attribute[]
  links?: { spanId: string }[]
}

export interface OtlpReceiver {
  url: string
  spans: ReceivedSpan[]
  /** Everything that came, as it came. */
  text(): string
  stop(): void
}

/** A collector that keeps what it gets. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const texts: string[] = []
  const server = createServer((req, res) => {
    void readText(req).then((text) => {
      texts.push(text)
      if (req.url === '/v1/traces') spans.push(...readSpans(JSON.parse(text) as Exported))
      res.setHeader('content-type', 'application/json').end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    text: () => texts.join('\n'),
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function readText(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const toRecord = (attributes: Attribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const readSpans = ({ resourceSpans }: Exported): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map(({ name, traceId, spanId, parentSpanId, attributes, links }) => ({
        service: String(toRecord(resource.attributes)['service.name']),
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        attributes: toRecord(attributes),
        links: (links ?? []).map((link) => link.spanId),
      })),
    ),
  )
