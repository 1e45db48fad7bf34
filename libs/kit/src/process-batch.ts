import { setTimeout as sleep } from 'node:timers/promises'
import type { JsMsg } from '@nats-io/jetstream'
import type { DomainEvent } from '@common-purse/contracts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { Logger } from './logger.ts'
import { isPassing, isPoison, type Poison, PoisonError, readText, type Verdict, verdictOn } from './poison.ts'
import { messaging, type Part } from './spans.ts'
import { traceIdOf } from './trace.ts'

const AWAY_RETRY_MS = 500

/** A message on its way: read, or found to be wrong. */
export interface Item<Message> {
  message: JsMsg
  parsed?: Message
  wrong?: Verdict
  /** How often it failed on its own. */
  failures?: number
}

/** What becomes of a message that fails on its own, though nothing is known to be wrong with it. */
export type Patience = 'again' | 'later' | 'never'

/** How one reader of the bus stores a batch. */
export interface BatchWork<Message> {
  /** Reads the text of a message; throws when it is not what this reader knows. */
  parse(text: string, subject: string): Message
  /** Stores what was read and keeps aside what is wrong, then counts all of it as done. */
  commit(items: readonly Item<Message>[]): Promise<void>
  /** `failures` counts from 1. `later` is for a bus that delivers the message once more by itself. */
  onFailure(message: JsMsg, failures: number, error: Error): Promise<Patience>
  isStopped(): boolean
}

export interface Watchers {
  /** Name of the reader. */
  name: string
  logger: Logger
  metrics?: ConsumerMetrics | undefined
}

/** Thrown by `commit` when the reader may not go on with what it has in hands: nothing was stored, nobody is to blame. */
export class OvertakenError extends Error {
  override name = 'OvertakenError'
}

/** Stores a batch in its order, together while that works; finds the message that is the trouble by halving. */
export async function processBatch<Message>(
  work: BatchWork<Message>,
  batch: readonly JsMsg[],
  watchers: Watchers,
): Promise<void> {
  const items = batch.map((message): Item<Message> => {
    try {
      return { message, parsed: work.parse(readText(message.data), message.subject) }
    } catch (error) {
      return { message, wrong: verdictOn(error, 'unreadable') }
    }
  })
  await store({ work, watchers }, items)
}

interface Run<Message> {
  work: BatchWork<Message>
  watchers: Watchers
}

async function store<Message>(run: Run<Message>, items: readonly Item<Message>[]): Promise<void> {
  for (let left = items; left.length > 0;) {
    const error = await tryToCommit(run, left)
    if (!error) return tellOf(run.watchers, left)
    left = await narrow(run, left, error)
  }
}

/** Waits while what is needed is away; answers the error of anything else, undefined when it worked. */
async function tryToCommit<Message>(
  { work, watchers }: Run<Message>,
  items: readonly Item<Message>[],
): Promise<Error | undefined> {
  for (let told = false; ; told = true) {
    try {
      await work.commit(items)
      return undefined
    } catch (caught) {
      const error = caught as Error
      if (error instanceof OvertakenError) throw error
      if (!isPassing(error)) return error
      if (!told) watchers.logger.warn({ err: error.message }, 'Events wait for where they are kept')
      if (work.isStopped()) throw new OvertakenError('Stopped while events waited') // so they come again
      await sleep(AWAY_RETRY_MS)
    }
  }
}

/** Comes nearer to what the trouble is; answers what is still to be stored of the items. */
async function narrow<Message>(
  run: Run<Message>,
  items: readonly Item<Message>[],
  error: Error,
): Promise<readonly Item<Message>[]> {
  const good = items.filter(({ wrong }) => !wrong)
  if (good.length === 0) throw error
  const culprits = error instanceof PoisonError ? error.culprits : undefined
  if (culprits?.length) {
    for (const place of culprits) good[place]!.wrong = verdictOn(error, 'failing')
    return items
  }
  if (good.length === 1) return await retryOrGiveUp(run, items, error)
  const middle = items.indexOf(good[good.length >> 1]!)
  await store(run, items.slice(0, middle))
  return items.slice(middle)
}

async function retryOrGiveUp<Message>(
  { work, watchers }: Run<Message>,
  items: readonly Item<Message>[],
  error: Error,
): Promise<readonly Item<Message>[]> {
  const item = items.find(({ wrong }) => !wrong)!
  item.failures = (item.failures ?? 0) + 1
  const patience = isPoison(error) ? 'never' : await work.onFailure(item.message, item.failures, error)
  if (patience === 'never') {
    item.wrong = verdictOn(error, 'failing')
    return items
  }
  const told = { err: error.message, attempt: item.failures, seq: item.message.seq, ...idsOf(item) }
  watchers.logger.warn(told, 'An event will be tried again')
  watchers.metrics?.retried(watchers.name)
  return patience === 'again' ? items : items.filter((other) => other !== item)
}

/** At the level `debug` each event has a line in every service that reads it. */
function tellOf<Message>({ name, logger, metrics }: Watchers, items: readonly Item<Message>[]): void {
  const all = logger.isLevelEnabled('debug')
  for (const item of items) {
    const { subject, seq } = item.message
    if (all && !item.wrong) logger.debug({ reader: name, subject, seq, ...idsOf(item) }, 'A message is done')
    if (!item.wrong) continue
    const { wrong } = item
    logger.error({ subject, seq, ...idsOf(item), ...wrong }, 'A message was kept aside')
    metrics?.keptAside(name, wrong.kind)
  }
}

/** By which an event is found elsewhere, where it could be read. */
function idsOf({ parsed }: Item<unknown>): { event?: string | undefined; trace_id?: string | undefined } {
  const { id: event, traceparent } = (parsed ?? {}) as Partial<DomainEvent>
  return { event, trace_id: traceparent && traceIdOf(traceparent) }
}

/** What was read of the items, in their order. */
export const readOf = <Message>(items: readonly Item<Message>[]): Message[] =>
  items.filter(({ wrong }) => !wrong).map(({ parsed }) => parsed as Message)

/** The trace of each event among the items: of where it was sent, or of what it tells of. */
export const partsOf = (items: readonly Item<unknown>[]): Part[] =>
  items.flatMap(({ message: { headers }, parsed }) => {
    const { id, type, traceparent } = (parsed ?? {}) as Partial<DomainEvent>
    if (id === undefined || type === undefined) return []
    const sent = headers?.get('traceparent')
    const attributes = { ...messaging(type, id, 'process'), 'messaging.batch.message_count': items.length }
    return [{ name: `process ${type}`, kind: 'consumer', traceparent: sent || traceparent, attributes }]
  })

/** What is to be kept aside of the items. */
export const poisonsOf = (stream: string, items: readonly Item<unknown>[]): Poison[] =>
  items.flatMap(({ message: { seq, subject, data }, wrong }) =>
    wrong ? [{ stream, streamSeq: seq, subject: subject.replaceAll('\0', '\\0'), raw: data, ...wrong }] : [],
  )
