import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Logger } from '@common-purse/kit/logger'
import { eventually } from '../../../tests/support/eventually.ts'
import { pollRevocations, type RevocationPoll } from './poll-revocations.ts'

/** The auth service: answers an empty list, or that it is not there yet. */
let isThere: boolean
let asked: number
const server = createServer((_req, res) => {
  asked++
  const now = new Date().toISOString()
  res.statusCode = isThere ? 200 : 503
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify({ items: [], until: now, now, next: null }))
})

let now: number
let told: string[]
let poll: RevocationPoll
const logger = {
  warn: (_: object, text: string) => void told.push(text),
  info: (text: string) => void told.push(text),
} as unknown as Logger
const askedTwiceMore = async () => {
  const before = asked
  await eventually(
    () => Promise.resolve(asked),
    (count) => count > before + 2,
  )
}

beforeEach(async () => {
  ;[isThere, asked, now, told] = [false, 0, 0, []]
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  poll = pollRevocations({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revocations`,
    denied: { apply: () => undefined },
    freshness: { confirm: () => undefined, now: () => now },
    clock: { learn: () => undefined, steadyMs: () => now },
    tokenLifeMs: 1_000,
    everyMs: 5,
    logger,
  })
})
afterEach(async () => {
  await poll.stop()
  server.close()
  server.closeAllConnections()
})

const cannot = 'Revocations cannot be read from the auth service'
const can = 'Revocations are read from the auth service again'

test('who starts before the auth service says nothing of it, unless it does not come', async () => {
  await askedTwiceMore()
  expect(told).toEqual([])
  now = 10_001
  await eventually(
    () => Promise.resolve(told),
    (lines) => lines.length > 0,
  )
  await askedTwiceMore()
  expect(told).toEqual([cannot])
})

test('one that was there and is away is told at once, and when it is back', async () => {
  isThere = true
  await askedTwiceMore()
  isThere = false
  await askedTwiceMore()
  expect(told).toEqual([cannot])
  isThere = true
  await askedTwiceMore()
  expect(told).toEqual([cannot, can])
})
