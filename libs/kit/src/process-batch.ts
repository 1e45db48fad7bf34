import { setTimeout as sleep } from 'node:timers/promises'
import type { JsMsg } from '@nats-io/jetstream'
import type { ConsumerOptions } from './consume.ts'
import { isPassing, isPoison, type Poison, PoisonError, readText, type Verdict, verdictOn } from './poison.ts'

const ATTEMPTS_MAX = 5
const AWAY_RETRY_MS = 500

/** A message on its way, and one that goes no further. */
interface Item<Message> {
  message: JsMsg
  parsed: Message
}
interface Wrong extends Verdict {
  message: JsMsg
}

/** Stores what can be read of a batch, then keeps the rest aside: nothing good waits for something bad. */
export async function processBatch<Message>(
  options: ConsumerOptions<Message>,
  batch: JsMsg[],
  isStopped: () => boolean,
): Promise<void> {
  const good: Item<Message>[] = []
  const wrong: Wrong[] = []
  for (const message of batch) {
    try {
      const parsed = options.parse(readText(message.data), message.subject)
      good.push({ message, parsed })
    } catch (error) {
      wrong.push({ message, ...verdictOn(error, 'unreadable') })
    }
  }
  await store({ options, isStopped, wrong }, good)
  if (wrong.length > 0) await putAside(options, wrong)
}

interface Run<Message> {
  options: ConsumerOptions<Message>
  isStopped(): boolean
  wrong: Wrong[]
}

/** Stores items in their order, together while that works; finds the one that is the trouble by halving. */
async function store<Message>(run: Run<Message>, items: Item<Message>[]): Promise<void> {
  if (items.length === 0) return
  const { options, isStopped } = run
  for (let told = false; ; told = true) {
    try {
      await options.handle(items.map(({ parsed }) => parsed))
      return items.forEach(({ message }) => message.ack())
    } catch (error) {
      if (!isPassing(error)) return await sortOut(run, items, error)
      if (!told) options.logger.warn({ err: (error as Error).message }, 'Events wait for where they are kept')
      if (isStopped()) return // they are not acknowledged, so they come again
      await sleep(AWAY_RETRY_MS)
    }
  }
}

async function sortOut<Message>(run: Run<Message>, items: Item<Message>[], error: unknown): Promise<void> {
  if (items.length === 1) return retryOrGiveUp(run, items[0]!.message, error)
  const culprits = error instanceof PoisonError ? error.culprits : undefined
  if (!culprits?.length) {
    const middle = items.length >> 1
    await store(run, items.slice(0, middle))
    return await store(run, items.slice(middle))
  }
  for (const place of culprits)
    run.wrong.push({ message: items[place]!.message, ...verdictOn(error, 'failing') })
  await store(
    run,
    items.filter((_, place) => !culprits.includes(place)),
  )
}

function retryOrGiveUp<Message>({ options, wrong }: Run<Message>, message: JsMsg, error: unknown): void {
  const attempt = message.info.deliveryCount
  if (isPoison(error) || attempt >= ATTEMPTS_MAX)
    return void wrong.push({ message, ...verdictOn(error, 'failing') })
  const told = { err: (error as Error).message, attempt, seq: message.seq }
  options.logger.warn(told, 'An event will be tried again')
  options.metrics?.retried(options.durable)
  message.nak(Math.min(200 * 2 ** attempt, 5_000))
}

async function putAside<Message>(options: ConsumerOptions<Message>, wrong: Wrong[]): Promise<void> {
  const { stream, durable, logger, metrics } = options
  const poisons = wrong.map(({ message: { seq, subject, data }, kind, reason }): Poison => ({
    stream,
    streamSeq: seq,
    subject: subject.replaceAll('\0', '\\0'),
    raw: data,
    kind,
    reason,
  }))
  try {
    await options.keepAside(poisons)
    for (const { subject, streamSeq: seq, kind, reason } of poisons) {
      logger.error({ subject, seq, kind, reason }, 'A message was kept aside')
      metrics?.keptAside(durable, kind)
    }
    for (const { message } of wrong) message.term()
  } catch (error) {
    logger.warn({ err: (error as Error).message }, 'Messages could not be kept aside yet')
    for (const { message } of wrong) message.nak(1_000)
  }
}
