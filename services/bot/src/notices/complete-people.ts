import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { StoreAwayError } from '@common-purse/kit/poison'
import { type KeptMessage, readAll } from '@common-purse/kit/read-all'
import type { Memory } from '../memory.ts'
import type { People } from './people.ts'

interface Deps {
  link: BusLink
  memory: Memory
  people: Pick<People, 'apply'>
  logger: Logger
}

/** Says that all of the stream has been read into this memory. Reading it anew now and then keeps the entries alive. */
const COMPLETE = 'people:complete'
const COMPLETE_SECONDS = 30 * 86_400
/** Put down before reading; gone afterwards, the memory was emptied meanwhile. */
const READING = 'people:reading'
const READING_SECONDS = 3_600

const filters = ['auth.member.*.v1', 'auth.telegram.*.v1']

/**
 * Resolves when the register of people is whole. A memory that was emptied has forgotten who can be told, while the bus
 * keeps it all: nobody silently stops being asked. Answers whether it was whole already. Throws StoreAwayError as long as one
 * of the two is away.
 */
export function createPeopleCompletion({ link, memory, people, logger }: Deps): () => Promise<boolean> {
  const read = async () => {
    const mine = randomUUID()
    // Several replicas may read at once: what one of them put down is good for all.
    const mark = (await memory.setNew(READING, mine, READING_SECONDS)) ?? mine
    const bus = await link.ready
    let events = 0
    for (const filter of filters)
      events += await readAll(bus, { stream: 'AUTH_EVENTS', filter }, async (messages) => {
        await Promise.all(messages.flatMap(readEvent).map((event) => people.apply(event)))
      })
    if ((await memory.get(READING)) !== mark)
      throw new StoreAwayError('The memory changed while it was filled')
    await memory.set(COMPLETE, '1', COMPLETE_SECONDS)
    logger.info({ events }, 'Who can be told was read from the bus')
  }
  let running: Promise<void> | undefined
  return async () => {
    if ((await memory.get(COMPLETE)) !== undefined) return true
    if (!link.isConnected()) throw new StoreAwayError('NATS cannot be reached')
    running ??= read()
      .catch(waits)
      .finally(() => (running = undefined))
    await running
    return false
  }
}

/** Whatever went wrong between memory and bus: it is tried again, and what needs the register waits. */
function waits(cause: unknown): never {
  if (cause instanceof StoreAwayError) throw cause
  throw new StoreAwayError('Who can be told could not be read', { cause })
}

/** What cannot be read says nothing of anybody; the trail keeps it aside. */
function readEvent({ text, subject }: KeptMessage): DomainEvent[] {
  try {
    return [parseDomainEvent(text, subject)]
  } catch {
    return []
  }
}
