import type { StreamName } from '@common-purse/contracts'
import { DeliverPolicy } from '@nats-io/jetstream'
import type { Bus } from './bus.ts'
import { readText, StoreAwayError } from './poison.ts'

export interface KeptMessage {
  text: string
  subject: string
}

const STALLED_MS = 5_000
const AT_ONCE = 200

/**
 * Reads what a stream keeps under a subject, from its first message to what is the last one now, and answers how many
 * there were. Messages that are no text are left out. Throws StoreAwayError when the bus stops sending before the end.
 */
export async function readAll(
  bus: Bus,
  { stream, filter }: { stream: StreamName; filter: string },
  handle: (messages: KeptMessage[]) => Promise<void>,
): Promise<number> {
  const consumer = await bus.js.consumers.get(bus.stream(stream), {
    deliver_policy: DeliverPolicy.All,
    filter_subjects: bus.subject(filter),
  })
  let left = (await consumer.info()).num_pending
  if (left === 0) return 0
  let count = 0
  const messages = await consumer.consume({ max_messages: 2 * AT_ONCE, expires: 10_000 })
  const stalled = setTimeout(() => void messages.close(), STALLED_MS)
  try {
    let batch: KeptMessage[] = []
    for await (const { data, subject, info } of messages) {
      stalled.refresh()
      left = info.pending
      batch.push(...keep(data, subject))
      if (batch.length < AT_ONCE && left > 0) continue
      await handle(batch)
      count += batch.length
      batch = []
      if (left === 0) break
    }
  } finally {
    clearTimeout(stalled)
    await messages.close()
  }
  if (left > 0) throw new StoreAwayError('The bus did not send all it has')
  return count
}

function keep(data: Uint8Array, subject: string): KeptMessage[] {
  try {
    return [{ text: readText(data), subject }]
  } catch {
    return []
  }
}
