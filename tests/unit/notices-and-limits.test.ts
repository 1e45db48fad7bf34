import { ApiError } from '@common-purse/client'
import type { Problem } from '@common-purse/contracts'
import { type ConsumerOptions, durableWork } from '@common-purse/kit/consume'
import { createLogger } from '@common-purse/kit/logger'
import { LaterError, StoreAwayError } from '@common-purse/kit/poison'
import { processBatch } from '@common-purse/kit/process-batch'
import { expect, test } from '@jest/globals'
import { askGateway } from '../../services/bot/src/notices/ask-gateway.ts'
import { refuseAbove } from '../../services/gateway/src/rate-limit-headers.ts'

/** What a client is told when this counter of the gateway's is above its limit. */
function refusalOf(name: string, leftMs: number): ApiError {
  try {
    refuseAbove({ name, subject: 'x', rate: { count: 1, seconds: 60 } }, { count: 2, leftMs })
  } catch (thrown) {
    const { code, message: detail, extras } = thrown as Problem
    const texts = { type: 'about:blank', title: '', detail, request_id: '' }
    return new ApiError({ ...texts, status: 429, code, errors: [] }, extras.retryAfter)
  }
  throw new Error('It was let through')
}

const told = (error: Error) => askGateway(() => Promise.reject(error)).catch((thrown: unknown) => thrown)

test.each(['user', 'family', 'bind'])("a reader's own limit (%s) concerns nobody else", async (name) => {
  const error = await told(refusalOf(name, 7_000))
  expect(error).toBeInstanceOf(LaterError)
  expect(error).toMatchObject({ afterMs: 7_000 })
})

test("the limit of the bot's own address concerns everybody", async () => {
  expect(await told(refusalOf('address', 1))).toBeInstanceOf(StoreAwayError)
})

test('an event whose reader is over their limit is given back for later, and those beside it are done', async () => {
  const outcomes: unknown[] = []
  const messageOf = (text: string, deliveryCount: number) => ({
    data: Buffer.from(text),
    subject: 'ledger.transaction.posted.v1',
    seq: 1,
    info: { deliveryCount },
    ack: () => outcomes.push([text, 'done']),
    nak: (ms: number) => outcomes.push([text, ms]),
    term: () => outcomes.push([text, 'given up']),
  })
  const options: ConsumerOptions<string> = {
    stream: 'LEDGER_EVENTS',
    durable: 'bot-money',
    parse: (text) => text,
    handle: async (texts) => {
      for (const text of texts)
        if (text !== 'well') await askGateway(() => Promise.reject(refusalOf('user', Number(text))))
    },
    keepAside: () => Promise.resolve(),
    logger: createLogger('bot', 'silent'),
    link: undefined as never,
  }
  const batch = [
    messageOf('7000', 1),
    messageOf('well', 1),
    messageOf('60000', 4),
    messageOf('well', 1),
    messageOf('7000', 5),
  ]
  const watchers = { name: options.durable, logger: options.logger }
  await processBatch(
    durableWork(options, () => false),
    batch as never[],
    watchers,
  )
  expect(outcomes).toEqual([
    ['7000', 7_000],
    ['well', 'done'],
    ['60000', 15_000],
    ['well', 'done'],
    ['7000', 'given up'],
  ])
})
