import { expect, test } from '@jest/globals'
import { createLogger } from '@common-purse/kit/logger'
import { createLineQueue } from './line-queue.ts'
import type { Spool } from './spool.ts'

const logger = createLogger('test', 'silent')

/** A disk that takes so many lines. */
function newSpool(room: number): Spool {
  const lines: string[] = []
  return {
    open: () => undefined,
    write: (_id, line) => lines.length < room && lines.push(line) > 0,
    next: (max) => {
      const found = lines.slice(0, max)
      const take = () => void lines.splice(0, found.length)
      return Promise.resolve(found.length === 0 ? undefined : { lines: found, take })
    },
    waiting: () => lines.length,
    bytes: () => 0,
    close: () => undefined,
  }
}

test('what the disk does not take is kept in memory up to a number, and what goes beyond is counted', async () => {
  const queue = createLineQueue({ spool: newSpool(2), linesMax: 3, logger })
  for (const line of ['1', '2', '3', '4', '5', '6', '7']) queue.add(line, line)
  expect([queue.waiting(), queue.inMemory(), queue.dropped()]).toEqual([5, 3, 2])
  const sent: string[] = []
  for (let batch = await queue.next(2); batch; batch = await queue.next(2)) {
    sent.push(...batch.lines)
    batch.take()
  }
  expect(sent.toSorted()).toEqual(['1', '2', '3', '4', '5'])
  expect([queue.waiting(), queue.inMemory(), queue.dropped()]).toEqual([0, 0, 2])
})

test('lines are given again until they are taken, and those that come meanwhile stay behind them', async () => {
  const queue = createLineQueue({ spool: undefined, linesMax: 10, logger })
  queue.add('1', '1')
  const first = await queue.next(5)
  queue.add('2', '2')
  expect((await queue.next(5))?.lines).toEqual(['1', '2'])
  first!.take()
  expect((await queue.next(5))?.lines).toEqual(['2'])
})
