import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type pg from 'pg'
import { isTraced } from './spans.ts'
import { summaryOf } from './summary-of.ts'

const tracer = trace.getTracer('common-purse')

type Query = (...args: unknown[]) => unknown

/**
 * Statements of the pool's connections are in the trace of what asks them: what they are, never with which values. What
 * runs for nobody, as the look for new events does, is not traced.
 */
export function traceQueries(pool: pg.Pool): void {
  if (!isTraced()) return
  keepContext(pool)
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query
    client.query = ((...args: unknown[]) => {
      const text = textOf(args[0])
      if (text === undefined || !trace.getActiveSpan()?.isRecording()) return query(...args)
      return traced(query, args, text)
    }) as typeof client.query
  })
}

type Connected = Parameters<pg.Pool['connect']>[0]

/** The pool calls back from within whoever gave a connection back; who waited for it goes on as itself. */
function keepContext(pool: pg.Pool): void {
  const connect = pool.connect.bind(pool) as (callBack?: Connected) => Promise<pg.PoolClient>
  pool.connect = ((callBack?: Connected) =>
    callBack ? connect(context.bind(context.active(), callBack)) : connect()) as typeof pool.connect
}

/** Undefined for what is no plain statement, such as a cursor. */
function textOf(asked: unknown): string | undefined {
  if (typeof asked === 'string') return asked
  const { text, submit } = asked as { text?: unknown; submit?: unknown }
  return typeof text === 'string' && submit === undefined ? text : undefined
}

/** pg answers by a promise, or by calling back, which its pool asks for. */
function traced(query: Query, args: unknown[], text: string): unknown {
  const summary = summaryOf(text)
  const span = tracer.startSpan(summary, {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.summary': summary },
  })
  const ended = (error: { code?: string; name: string } | null | undefined) => {
    if (error) {
      span.setAttribute('error.type', error.code ?? error.name)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
  const last = args.at(-1)
  if (typeof last === 'function') {
    const callBack = last as Query
    return query(...args.slice(0, -1), (error: Error | null, result: unknown) => {
      ended(error)
      callBack(error, result)
    })
  }
  const answer = query(...args) as Promise<unknown>
  answer.then(
    () => ended(undefined),
    (error: Error) => ended(error),
  )
  return answer
}
