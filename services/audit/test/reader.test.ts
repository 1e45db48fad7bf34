import { randomUUID } from 'node:crypto'
import type { StreamName } from '@common-purse/contracts'
import { type BusLink, openBus } from '@common-purse/kit/bus'
import { openPool } from '@common-purse/kit/database'
import { createLogger } from '@common-purse/kit/logger'
import { startReader, type StreamReader } from '@common-purse/kit/start-reader'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import type pg from 'pg'
import { recordDeed } from '../src/chain/record-deed.ts'
import { type AuditHouse, entriesOf, newEvent, newPerson, startAuditHouse, until } from './support.ts'

const streamName: StreamName = 'ANCHORS'
const stack = createStopStack()
const logger = createLogger('test', 'silent')
let audit: AuditHouse
let pool: pg.Pool
let link: BusLink
beforeAll(async () => {
  audit = await startAuditHouse()
  stack.push(audit.stop)
  pool = openPool(audit.house.database.urlOf('audit'), logger)
  stack.push(() => pool.end())
  await audit.admin.query('CREATE TABLE seen (n serial, reader text, text text)')
  await audit.admin.query('GRANT ALL ON seen, seen_n_seq TO purse_audit')
  const { NATS_URL, NATS_PREFIX } = audit.house.env as { NATS_URL: string; NATS_PREFIX: string }
  link = openBus({ NATS_URL, NATS_PREFIX, NATS_REPLICAS: 1 }, 'test', logger)
  stack.push(link.stop)
  await link.ready
})
afterAll(() => stack.stop())

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop()
})

/** A reader that writes down what it was given; `before` runs ahead of each message. */
function givenReader(name: string, before: (text: string) => void = () => undefined) {
  const reader: StreamReader<string> = {
    stream: streamName,
    name,
    parse: (text) => text,
    handle: async (tx, texts) => {
      for (const text of texts) {
        before(text)
        await tx.query('INSERT INTO seen (reader, text) VALUES ($1, $2)', [name, text])
      }
    },
  }
  const start = () => {
    const started = startReader(reader, { pool, link, logger })
    running.push(started)
    return started
  }
  const seen = async () => {
    const found = await audit.admin.query<{ text: string }>(
      'SELECT text FROM seen WHERE reader = $1 ORDER BY n',
      [name],
    )
    return found.rows.map(({ text }) => text)
  }
  const untilSeen = (texts: string[]) =>
    until(async () => (await seen()).join('|') === texts.join('|'), `messages: ${texts.join()}`, 20_000)
  return { start, seen, untilSeen }
}

const publish = async (...texts: string[]) => {
  for (const text of texts) await audit.bus.js.publish(audit.bus.subject(`anchors.${randomUUID()}`), text)
}
/** Takes the stream away and makes it again, empty. */
async function renewStream(): Promise<void> {
  const { jsm, stream } = audit.bus
  const { config } = await jsm.streams.info(stream(streamName))
  await jsm.streams.delete(config.name)
  await jsm.streams.add(config)
}
const positionOf = async (reader: string) => {
  const { rows } = await audit.admin.query<{ seq: string; holder: string | null }>(
    'SELECT seq, holder FROM stream_positions WHERE reader = $1',
    [reader],
  )
  return rows[0] && { ...rows[0], seq: Number(rows[0].seq) }
}
const keptAside = async () => {
  const { rows } = await audit.admin.query<{ raw: Buffer; kind: string }>(
    'DELETE FROM unreadable_events RETURNING raw, kind',
  )
  return rows.map(({ raw, kind }) => `${kind} ${raw.toString()}`)
}

test('a reader that fails in the middle of a batch stores all of it once, in its order, when it works again', async () => {
  await renewStream()
  const texts = Array.from({ length: 30 }, (_, n) => `a${n}`)
  await publish(...texts)
  let failures = 2
  const { start, untilSeen } = givenReader('fails', (text) => {
    if (text === 'a17' && failures-- > 0) throw new Error('out of order')
  })
  start()
  await untilSeen(texts)
  expect(await positionOf('fails')).toMatchObject({ seq: 30 })
  expect(await keptAside()).toEqual([])
})

test('what fails every time is kept aside, and those behind it do not wait long for the second one either', async () => {
  await renewStream()
  const texts = Array.from({ length: 30 }, (_, n) => `b${n}`)
  const bad = ['b3', 'b4', 'b20']
  await publish(...texts)
  const { start, untilSeen } = givenReader('gives-up', (text) => {
    if (bad.includes(text)) throw new Error('never')
  })
  start()
  await untilSeen(texts.filter((text) => !bad.includes(text)))
  expect((await keptAside()).toSorted()).toEqual(bad.map((text) => `failing ${text}`).toSorted())
  expect(await positionOf('gives-up')).toMatchObject({ seq: 30 })
})

test('it goes on where it was, lets go of its place when it stops, and a second one reads nothing meanwhile', async () => {
  await renewStream()
  const { start, untilSeen } = givenReader('goes-on')
  const first = start()
  await publish('c1', 'c2')
  await untilSeen(['c1', 'c2'])
  const second = start()
  await publish('c3')
  await untilSeen(['c1', 'c2', 'c3'])
  await first.stop()
  await publish('c4')
  await untilSeen(['c1', 'c2', 'c3', 'c4'])
  await second.stop()
  expect(await positionOf('goes-on')).toEqual({ seq: 4, holder: null })
})

test('a stream that was made anew is read from its beginning, whether it is shorter or longer by then', async () => {
  await renewStream()
  const { start, untilSeen } = givenReader('anew')
  await publish('d1', 'd2')
  const first = start()
  await untilSeen(['d1', 'd2'])
  await renewStream() // while it is read
  await publish('e1')
  await untilSeen(['d1', 'd2', 'e1'])
  await first.stop()
  await renewStream()
  await publish('f1', 'f2', 'f3')
  start()
  await untilSeen(['d1', 'd2', 'e1', 'f1', 'f2', 'f3'])
})

test('a database that was set back reads again what it lacks', async () => {
  await renewStream()
  const { start, untilSeen } = givenReader('set-back')
  await publish('g1', 'g2', 'g3')
  const first = start()
  await untilSeen(['g1', 'g2', 'g3'])
  await first.stop()
  // As of the moment when it had stored the first message.
  const message = await audit.bus.jsm.streams.getMessage(audit.bus.stream(streamName), { seq: 1 })
  await audit.admin.query(
    `UPDATE stream_positions SET seq = 1, digest = encode(sha256($1), 'hex') WHERE reader = 'set-back'`,
    [Buffer.from(message!.data)],
  )
  await audit.admin.query(`DELETE FROM seen WHERE reader = 'set-back' AND text <> 'g1'`)
  start()
  await untilSeen(['g1', 'g2', 'g3'])
})

test('it does so while it reads, and waits for no other message', async () => {
  await renewStream()
  const { start, untilSeen } = givenReader('set-back-meanwhile')
  await publish('i1', 'i2', 'i3')
  start()
  await untilSeen(['i1', 'i2', 'i3'])
  const message = await audit.bus.jsm.streams.getMessage(audit.bus.stream(streamName), { seq: 1 })
  await audit.admin.query(`DELETE FROM seen WHERE reader = 'set-back-meanwhile' AND text <> 'i1'`)
  await audit.admin.query(
    `UPDATE stream_positions SET seq = 1, digest = encode(sha256($1), 'hex') WHERE reader = 'set-back-meanwhile'`,
    [Buffer.from(message!.data)],
  )
  await untilSeen(['i1', 'i2', 'i3'])
})

test('a position of another state of the stream is not gone on from', async () => {
  await renewStream()
  const { start, untilSeen } = givenReader('other-state')
  await publish('h1', 'h2')
  const first = start()
  await untilSeen(['h1', 'h2'])
  await first.stop()
  await audit.admin.query(`UPDATE stream_positions SET digest = 'another' WHERE reader = 'other-state'`)
  start()
  await untilSeen(['h1', 'h2', 'h1', 'h2'])
})

test('entries have the time of the database, whatever the clock of the service says', async () => {
  const { familyId, userId } = newPerson('owner')
  const event = newEvent(familyId)
  const timers = ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const
  const others = ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] as const
  jest.useFakeTimers({ now: Date.parse('2001-01-01'), doNotFake: [...timers, ...others, 'clearImmediate'] })
  try {
    expect(new Date().getFullYear()).toBeLessThan(2002)
    await audit.publish(event)
    await entriesOf(audit, familyId, 1)
    const origin = { familyId, actorId: userId, requestId: 'x' }
    await recordDeed(pool, origin, { action: 'audit.verified', valuesOf: () => ({}) })
    const [verified] = (await entriesOf(audit, familyId, 2)).slice(1)
    expect((verified!.occurred_at as Date).getFullYear()).toBeGreaterThan(2020)
    expect((verified!.recorded_at as Date).getFullYear()).toBeGreaterThan(2020)
  } finally {
    jest.useRealTimers()
  }
})
