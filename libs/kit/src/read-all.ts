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
 * Reads what a stream keeps, under a subject or only so many of its last messages, to what is the last one now, and answers
 * how many there were. Messages that are no text are left out. Throws StoreAwayError when the bus stops sending before the end.
 */
export async function readAll(
  bus: Bus,
  { stream, ...part }: { stream: StreamName } & ({ filter: string } | { last: number }),
  handle: (messages: KeptMessage[]) => Promise<void>,
): Promise<number> {
  const name = bus.stream(stream)
  const consumer = await bus.js.consumers.get(
    name,
    'filter' in part
      ? { deliver_policy: DeliverPolicy.All, filter_subjects: bus.subject(part.filter) }
      : {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: await seqOfLast(bus, name, part.last),
        },
  )
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

async function seqOfLast(bus: Bus, stream: string, count: number): Promise<number> {
  const { state } = await bus.jsm.streams.info(stream)
  return Math.max(1, state.first_seq, state.last_seq - count + 1)
}

function keep(data: Uint8Array, subject: string): KeptMessage[] {
  try {
    return [{ text: readText(data), subject }]
  } catch {
    return []
  }
}
