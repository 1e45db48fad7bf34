import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'

/** Messages that a reader with a database stores together at most, unless told otherwise: each commit costs the same. */
export const BATCH_MAX = 500

/** Groups what has already arrived; a lone message goes at once. No more is taken in than one batch ahead. */
export async function* inBatches(messages: ConsumerMessages, max: number): AsyncGenerator<JsMsg[]> {
  const waiting: JsMsg[] = []
  let wake: () => void = () => undefined
  let makeRoom: () => void = () => undefined
  let ended = false
  let failure: Error | undefined
  const collect = async () => {
    for await (const message of messages) {
      waiting.push(message)
      wake()
      if (waiting.length >= max) await new Promise<void>((resolve) => (makeRoom = resolve))
    }
  }
  void collect()
    .catch((error: Error) => (failure = error))
    .finally(() => ((ended = true), wake()))
  for (;;) {
    if (waiting.length > 0) {
      await nextTurn() // what came in with it belongs to it
      const batch = waiting.splice(0, max)
      makeRoom()
      yield batch
    } else if (ended) break
    else await new Promise<void>((resolve) => (wake = resolve))
  }
  if (failure) throw failure
}
