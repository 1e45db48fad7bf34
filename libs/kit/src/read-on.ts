import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumerMessages } from '@nats-io/jetstream'
import { BATCH_MAX, inBatches } from './batches.ts'
import { inTransaction } from './database.ts'
import { digestOf, requireNoGap } from './open-stream.ts'
import {
  type Item,
  OvertakenError,
  partsOf,
  type Patience,
  poisonsOf,
  processBatch,
  readOf,
} from './process-batch.ts'
import { isTraced, traceTogether } from './spans.ts'
import type { ReaderDeps, StreamReader } from './start-reader.ts'
import type { KeptPosition, Position } from './stream-position.ts'
import { keepAside } from './unreadable.ts'

/** How often the holder of a position looks whether it may go on. */
const LOOK_MS = 500
/** Between the tries of a message that fails, nobody knows why. All behind it wait meanwhile. */
const PAUSES_MS = [100, 200, 400, 800]
/** After one such message has used up its tries, the next ones get none for a while: those behind them have waited. */
const IMPATIENT_MS = 10_000

export type AskPatience = (message: unknown, failures: number) => Promise<Patience>

/** Lets a message be tried again a few times, within a second and a half in all. */
export function createPatience(signal: AbortSignal): AskPatience {
  let givenUpAt = -Infinity
  return async (_message, failures) => {
    const now = performance.now()
    const pause = PAUSES_MS[failures - 1]
    if (failures === 1 && now - givenUpAt < IMPATIENT_MS) return 'never'
    if (pause === undefined) {
      givenUpAt = now
      return 'never'
    }
    await sleep(pause, undefined, { signal }).catch(() => {
      throw new OvertakenError('Stopped while an event was tried again')
    })
    return 'again'
  }
}

interface Reading<Message> {
  reader: StreamReader<Message>
  deps: ReaderDeps
  place: KeptPosition
  patience: AskPatience
  mayGoOn(): boolean
}

/** Stores what comes from behind a position on, batch by batch, until the messages end or it may not go on. */
export async function readOn<Message>(
  { reader, deps, place, patience, mayGoOn }: Reading<Message>,
  messages: ConsumerMessages,
  start: Position,
): Promise<void> {
  let position = start
  const lease = holdLease(() => place.renew(position.seq), messages, mayGoOn)
  const commit = async (items: readonly Item<Message>[]) => {
    const { seq, data } = items.at(-1)!.message
    const next = { ...position, seq, digest: digestOf(data) }
    const [read, poisons] = [readOf(items), poisonsOf(reader.stream, items)]
    const store = () =>
      inTransaction(deps.pool, async (tx) => {
        await place.advance(tx, position, next)
        if (read.length > 0) await reader.handle(tx, read)
        if (poisons.length > 0) await keepAside(tx, poisons)
      })
    await traceTogether(isTraced() ? partsOf(items) : [], store)
    position = next
  }
  const work = {
    parse: reader.parse,
    commit: (items: readonly Item<Message>[]) => lease.during(() => commit(items)),
    onFailure: patience,
    isStopped: () => !mayGoOn(),
  }
  try {
    let delivered = 0
    for await (const batch of inBatches(messages, reader.batchMax ?? BATCH_MAX)) {
      if (!mayGoOn()) return // it may be of another stream than the position is
      delivered = requireNoGap(batch, delivered)
      await processBatch(work, batch, { ...deps, name: reader.name })
    }
  } finally {
    lease.stop()
    void messages.close()
  }
}

/** Closes the messages when the lease is lost, or when they may not be read on. A database that is away takes no lease. */
function holdLease(isHeld: () => Promise<boolean>, messages: ConsumerMessages, mayGoOn: () => boolean) {
  let busy = 0
  const during = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    busy++
    try {
      return await work()
    } finally {
      busy--
    }
  }
  const renew = async () => {
    if (!(await isHeld().catch(() => true))) void messages.close()
  }
  const timer = setInterval(() => {
    if (!mayGoOn()) void messages.close()
    else if (busy === 0) void during(renew) // a commit keeps the lease by itself
  }, LOOK_MS)
  return { during, stop: () => clearInterval(timer) }
}
