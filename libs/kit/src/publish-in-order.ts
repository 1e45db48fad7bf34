import { JetStreamApiError, type JetStreamPublishOptions } from '@nats-io/jetstream'
import { headers as natsHeaders } from '@nats-io/transport-node'
import type { Bus } from './bus.ts'
import { decideRefusal } from './decide-refusal.ts'
import type { OutboxRow } from './outbox.ts'
import { isTraced, traceSend } from './spans.ts'

/** What became of a batch: the ids that the bus keeps now, those that it will never take, and the first other failure. */
export interface Published {
  taken: string[]
  refused: { id: string; reason: string }[]
  error: Error | undefined
}

/** The server's codes: a message larger than its stream allows, and one that does not follow the one it names. */
const TOO_LARGE = 10054
const NOT_NEXT = 10070

const codeOf = (error: unknown) => (error instanceof JetStreamApiError ? error.code : undefined)

/** True when another one published to the stream in between: trying again is all that is needed. */
export const isOvertaken = (error: unknown): boolean => codeOf(error) === NOT_NEXT

/**
 * Publishes all rows at once and keeps their order all the same: each says which one it follows, so that the bus takes none
 * behind one that it did not take. A row that it can never take is left out, and holds nobody up.
 */
export async function publishInOrder(bus: Bus, rows: readonly OutboxRow[]): Promise<Published> {
  const bytesMax = bus.connection.info?.max_payload ?? Infinity
  const refused: Published['refused'] = []
  const sent: { id: string; result: Promise<unknown> }[] = []
  for (const { id, subject, payload } of rows) {
    const text = JSON.stringify(payload)
    const reason = decideRefusal({ subject, bytes: Buffer.byteLength(text) }, bytesMax)
    if (reason) {
      refused.push({ id, reason })
      continue
    }
    const before = sent.at(-1)?.id
    const options = { msgID: id, ...(before ? { expect: { lastMsgID: before } } : {}) }
    sent.push({ id, result: publish(bus, { id, subject, payload }, text, options) })
  }
  const results = await Promise.allSettled(sent.map(({ result }) => result))
  const failed = results.findIndex(({ status }) => status === 'rejected')
  if (failed === -1) return { taken: sent.map(({ id }) => id), refused, error: undefined }
  const error = (results[failed] as PromiseRejectedResult).reason as Error
  const taken = sent.slice(0, failed).map(({ id }) => id)
  if (codeOf(error) !== TOO_LARGE) return { taken, refused, error }
  refused.push({ id: sent[failed]!.id, reason: error.message })
  return { taken, refused, error: undefined }
}

/** Whoever reads it goes on with the trace where it was sent, not where it was written. */
async function publish(
  bus: Bus,
  { id, subject, payload }: OutboxRow,
  text: string,
  options: Partial<JetStreamPublishOptions>,
): Promise<unknown> {
  if (!isTraced()) return await bus.js.publish(bus.subject(subject), text, options)
  const headers = natsHeaders()
  const ended = traceSend({ subject, id, traceparent: payload.traceparent }, headers)
  try {
    const kept = await bus.js.publish(bus.subject(subject), text, { ...options, headers })
    ended()
    return kept
  } catch (error) {
    ended(error)
    throw error
  }
}
