import { type ConsumerOptions, durableWork } from '@common-purse/kit/consume'
import { createLogger } from '@common-purse/kit/logger'
import { processBatch } from '@common-purse/kit/process-batch'
import { expect, test } from '@jest/globals'
import { MemoryAwayError } from '../memory.ts'

test('an event that the memory was away for waits, and is not given up as one that can never work', async () => {
  const outcomes: string[] = []
  const note = (outcome: string) => () => void outcomes.push(outcome)
  // As it was delivered for the last time that a message which fails is tried.
  const message = {
    data: Buffer.from('{}'),
    subject: 'auth.member.removed.v1',
    seq: 1,
    info: { deliveryCount: 5 },
    ack: note('ack'),
    nak: note('nak'),
    term: note('term'),
  }
  let tries = 0
  const options: ConsumerOptions<string> = {
    stream: 'AUTH_EVENTS',
    durable: 'bot-owners',
    parse: (text) => text,
    handle: () =>
      ++tries === 1 ? Promise.reject(new MemoryAwayError('Redis cannot be reached')) : Promise.resolve(),
    keepAside: () => Promise.resolve(note('kept aside')()),
    logger: createLogger('bot', 'silent'),
    link: undefined as never,
  }
  const watchers = { name: options.durable, logger: options.logger }
  await processBatch(
    durableWork(options, () => false),
    [message as never],
    watchers,
  )
  expect({ tries, outcomes }).toEqual({ tries: 2, outcomes: ['ack'] })
})
