import type { Request, Response } from 'express'
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

const tracer = trace.getTracer('common-purse')

/** OpenTelemetry's own state is one per process, and so is whether anybody reads it. */
let traced = false

/** Called once, by startTelemetry. */
export const traceFromNowOn = (): void => void (traced = true)

/** False without a collector: then nothing below makes a span, or costs more than this question. */
export const isTraced = (): boolean => traced

/** The trace id of whatever runs at the moment, for log lines. */
export const activeTraceId = (): string | undefined =>
  traced ? trace.getActiveSpan()?.spanContext().traceId : undefined

/** Baggage of a stranger is not carried on. */
const parentOf = (carrier: { traceparent?: string | undefined; tracestate?: string | undefined }): Context =>
  propagation.extract(ROOT_CONTEXT, carrier)

const within = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span)

/** Writes where a span is into the headers of what is sent: `traceparent` and, if it has one, `tracestate`. */
const tell = (span: Span, headers: object): void => propagation.inject(within(span), headers)

/** What an error may say in a trace: its kind. Messages of databases carry rows. */
function end(span: Span, error?: unknown): void {
  if (error !== undefined) {
    const { code, name } = error as { code?: string | number; name?: string }
    span.setAttribute('error.type', String(code ?? name ?? 'unknown'))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

const textOf = (header: string | string[] | undefined) => (typeof header === 'string' ? header : undefined)

/**
 * A request that is served, from here to the end of its answer; what `work` begins belongs to it. It goes on with the
 * caller's trace. Named by the route's pattern: a path has ids in it, and a query what people look for.
 */
export function traceRequest(req: Request, res: Response, work: () => void): void {
  if (!traced) return work()
  const { traceparent, tracestate } = req.headers
  const span = tracer.startSpan(
    req.method,
    { kind: SpanKind.SERVER, attributes: { 'http.request.method': req.method, 'url.scheme': 'http' } },
    parentOf({ traceparent: textOf(traceparent), tracestate: textOf(tracestate) }),
  )
  res.once('close', () => {
    const { route, problemCode } = res.locals as { route?: string; problemCode?: string }
    if (route !== undefined)
      span.updateName(`${req.method} ${route}`).setAttributes({ 'http.route': route, 'url.path': route })
    if (problemCode !== undefined) span.setAttribute('error.type', problemCode)
    span.setAttribute('http.response.status_code', res.statusCode)
    if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  })
  context.with(within(span), work)
}

interface Call {
  method: string
  /** Whom is called, as an operator knows it. */
  peer: string
  /** The headers to be sent; they learn where the call is. */
  headers: object
  /** What the call is for; whatever runs at the moment unless given. */
  traceparent?: string
}

/** A call of another service. Answers what to say of its end: the status, or the error that took its place. */
export function traceCall({ method, peer, headers, traceparent }: Call): (outcome: unknown) => void {
  if (!traced) return () => undefined
  const span = tracer.startSpan(
    method,
    { kind: SpanKind.CLIENT, attributes: { 'http.request.method': method, 'server.address': peer } },
    traceparent === undefined ? context.active() : parentOf({ traceparent }),
  )
  tell(span, headers)
  return (outcome) => {
    if (typeof outcome !== 'number') return end(span, outcome)
    span.setAttribute('http.response.status_code', outcome)
    if (outcome >= 400) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }
}

/** `fetch` whose calls are in the trace of what makes them. */
export const tracedFetch: typeof fetch = async (input, init) => {
  if (!traced) return await fetch(input, init)
  const headers = Object.fromEntries(new Headers(init?.headers))
  const peer = new URL(typeof input === 'object' && 'url' in input ? input.url : input).hostname
  const ended = traceCall({ method: init?.method ?? 'GET', peer, headers })
  try {
    const answer = await fetch(input, { ...init, headers })
    ended(answer.status)
    return answer
  } catch (error) {
    ended(error)
    throw error
  }
}

/** One of several pieces of work that are done together: a message, or somebody's part of a batch. */
export interface Part {
  name: string
  kind: 'internal' | 'consumer'
  /** The trace that it belongs to; without one it begins its own. */
  traceparent: string | undefined
  attributes: Attributes
}

const kinds = { internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER }

/**
 * Work that is done for several at once is in the trace of each. What `work` itself calls is in the trace of the first, to
 * which the others have a link.
 */
export async function traceTogether<Result>(parts: Part[], work: () => Promise<Result>): Promise<Result> {
  if (!traced || parts.length === 0) return await work()
  const spans: Span[] = []
  for (const { name, kind, traceparent, attributes } of parts) {
    const leader = spans.find((span) => span.isRecording())
    const links = leader ? [{ context: leader.spanContext() }] : []
    spans.push(tracer.startSpan(name, { kind: kinds[kind], attributes, links }, parentOf({ traceparent })))
  }
  const leader = spans.find((span) => span.isRecording()) ?? spans[0]!
  try {
    const result = await context.with(within(leader), work)
    for (const span of spans) end(span)
    return result
  } catch (error) {
    for (const span of spans) end(span, error)
    throw error
  }
}

/** A message that is sent; `headers` learn where. Answers what to call at its end, with the error if it failed. */
export function traceSend(
  { subject, id, traceparent }: { subject: string; id: string; traceparent: string | undefined },
  headers: { set(name: string, value: string): void },
): (error?: unknown) => void {
  const attributes = messaging(subject, id, 'send')
  const span = tracer.startSpan(
    `send ${subject}`,
    { kind: SpanKind.PRODUCER, attributes },
    parentOf({ traceparent }),
  )
  const carrier: Record<string, string> = {}
  tell(span, carrier)
  for (const [name, value] of Object.entries(carrier)) headers.set(name, value)
  return (error) => end(span, error)
}

/** Attributes of a message, by OpenTelemetry's conventions. */
export const messaging = (subject: string, id: string, operation: 'send' | 'process'): Attributes => ({
  'messaging.system': 'nats',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': subject,
  'messaging.message.id': id,
})

/** Work with a beginning of its own, such as an update of Telegram: a trace begins with it. */
export async function traceWork<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (!traced) return await work()
  return await inside(tracer.startSpan(name, { kind: SpanKind.CONSUMER }, ROOT_CONTEXT), work)
}

/** A step that takes its time within whatever runs at the moment; of what runs for nobody there is no trace. */
export async function traceStep<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (!traced || !trace.getActiveSpan()?.isRecording()) return await work()
  return await inside(tracer.startSpan(name), work)
}

async function inside<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await context.with(within(span), work)
    end(span)
    return result
  } catch (error) {
    end(span, error)
    throw error
  }
}
