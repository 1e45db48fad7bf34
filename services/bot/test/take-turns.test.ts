import { randomBytes, randomInt } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Update } from 'telegraf/types'
import { eventually } from '../../../tests/support/eventually.ts'
import { required } from '../../../tests/support/settings.ts'
import { type Memory, MemoryAwayError, openMemory } from '../src/memory.ts'
import { takeTurns } from '../src/updates/take-turns.ts'

const PATIENCE_MS = 20_000
const url = required('TEST_REDIS_URL')
const prefix = `t${randomBytes(4).toString('hex')}:`
const logger = createLogger('test', 'silent')

let memory: Memory
beforeAll(async () => {
  memory = await openMemory(url, prefix, logger)
})
afterAll(() => memory.stop())

/** A text in a chat of its own unless told. */
const newUpdate = (number = randomInt(1e9), chat = randomInt(1e9)) =>
  ({
    update_id: number,
    message: { chat: { id: chat }, message_id: number, text: '5 tea', date: 1 },
  }) as unknown as Update

const noted = () => {
  const handled: number[] = []
  return {
    handled,
    handle: ({ update_id }: Update) => Promise.resolve(void handled.push(update_id)),
  }
}

/** Handling that lasts until the test lets it end. */
const held = () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const { promise: end, resolve: finish } = Promise.withResolvers<void>()
  return { started, finish, handle: () => (start(), end) }
}

describe('an update', () => {
  test('that is delivered again is not handled again, at the same moment, later or after a restart', async () => {
    const { handled, handle } = noted()
    const update = newUpdate()
    const take = takeTurns(memory)
    const outcomes = await Promise.all(
      [update, update, structuredClone(update)].map((one) => take(one, handle, PATIENCE_MS)),
    )
    expect(outcomes.toSorted()).toEqual(['handled', 'repeated', 'repeated'])
    const later = structuredClone(update) as { message: { date: number } } & Update
    later.message.date = 2
    expect(await takeTurns(memory)(later, handle, PATIENCE_MS)).toBe('repeated')
    expect(handled).toEqual([update.update_id])
  })

  test('that ten replicas get at the same moment is handled by one of them', async () => {
    const { handled, handle } = noted()
    const update = newUpdate()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => takeTurns(memory)(update, handle, PATIENCE_MS)),
    )
    expect(outcomes.filter((outcome) => outcome === 'handled')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(9)
    expect(handled).toHaveLength(1)
  })

  test('that failed is handled when it comes again', async () => {
    const { handled, handle } = noted()
    const update = newUpdate()
    const crash = () => Promise.reject(new Error('broken'))
    await expect(takeTurns(memory)(update, crash, PATIENCE_MS)).rejects.toThrow('broken')
    expect(await takeTurns(memory)(update, handle, PATIENCE_MS)).toBe('handled')
    expect(handled).toHaveLength(1)
  })

  test('that a killed process was at is taken over, and one that is being worked on is not', async () => {
    const { handled, handle } = noted()
    const update = newUpdate()
    // A process whose Redis is gone in the middle neither holds on nor ends, as one that was killed.
    const killed = await openMemory(url, prefix, logger)
    const dying = held()
    const lost = takeTurns(killed)(update, dying.handle, PATIENCE_MS)
    await dying.started
    expect(await takeTurns(memory)(update, handle, 300)).toBe('busy')
    expect(handled).toEqual([])
    killed.stop()
    expect(await takeTurns(memory)(update, handle, PATIENCE_MS)).toBe('handled')
    dying.finish()
    await lost
    expect(handled).toHaveLength(1)
  }, 30_000)

  test('under a number that was used before, from a server that counts anew, is handled', async () => {
    const { handled, handle } = noted()
    const update = newUpdate()
    const take = takeTurns(memory)
    await take(update, handle, PATIENCE_MS)
    const other = structuredClone(update) as { message: { text: string } } & Update
    other.message.text = '6 tea'
    expect(await take(other, handle, PATIENCE_MS)).toBe('handled')
    expect(handled).toHaveLength(2)
  })

  test('is handled once without the memory, and once when the memory was emptied', async () => {
    const { handled, handle } = noted()
    let answer: () => unknown = () => {
      throw new MemoryAwayError('away')
    }
    const fickle = { ...memory, evaluate: async () => answer() }
    const take = takeTurns(fickle)
    const update = newUpdate()
    expect(await take(update, handle, PATIENCE_MS)).toBe('handled')
    expect(await take(update, handle, PATIENCE_MS)).toBe('repeated')
    answer = () => 'go'
    expect(await take(update, handle, PATIENCE_MS)).toBe('repeated')
    expect(handled).toHaveLength(1)
  })
})

describe('the updates of a chat', () => {
  test('are handled one after the other and in order, whichever replica has which', async () => {
    const chat = randomInt(1e9)
    const [one, other] = [takeTurns(memory), takeTurns(memory)]
    const first = held()
    const order: number[] = []
    const outcomes = [one(newUpdate(1, chat), first.handle, PATIENCE_MS)]
    await first.started
    const waiting = [5, 4, 3, 2].map((number) =>
      takeTurns(memory)(newUpdate(number, chat), note, PATIENCE_MS),
    )
    async function note({ update_id: number }: Update) {
      order.push(number)
      await other(newUpdate(), () => Promise.resolve(), PATIENCE_MS) // another chat does not wait
    }
    const isWaiting = () => memory.fields(`turn:{${chat}}:waiting`)
    await eventually(isWaiting, (fields) => Object.keys(fields).length === 4)
    first.finish()
    expect(await Promise.all([...outcomes, ...waiting])).toEqual(Array(5).fill('handled'))
    expect(order).toEqual([2, 3, 4, 5])
  })

  test('keep their order in one process without the memory', async () => {
    const away = () => Promise.reject(new MemoryAwayError('away'))
    const take = takeTurns({ ...memory, evaluate: away })
    const chat = randomInt(1e9)
    const first = held()
    const { handled, handle } = noted()
    const all = [take(newUpdate(1, chat), first.handle, PATIENCE_MS)]
    all.push(take(newUpdate(2, chat), handle, PATIENCE_MS), take(newUpdate(3, chat), handle, PATIENCE_MS))
    await first.started
    await take(newUpdate(), () => Promise.resolve(), PATIENCE_MS)
    expect(handled).toEqual([])
    first.finish()
    await Promise.all(all)
    expect(handled).toEqual([2, 3])
  })
})
