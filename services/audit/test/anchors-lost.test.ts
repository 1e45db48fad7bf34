import { createStopStack } from '@common-purse/kit/stop-stack'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type NatsBeside, openNatsBeside } from '../../../tests/support/nats-beside.ts'
import {
  anchoredAt,
  anchorsOf,
  cutTo,
  gauge,
  givenAnchoredTrail,
  startAnchoringHouse,
  startAnother,
} from './anchored-trails.ts'
import { type AuditHouse, entriesOf, type Person, until } from './support.ts'

const stack = createStopStack()
let nats: NatsBeside
let audit: AuditHouse
beforeAll(async () => {
  nats = await openNatsBeside()
  stack.push(nats.stop)
  await nats.start()
  audit = await startAnchoringHouse({ NATS_URL: nats.url })
  stack.push(audit.stop)
  stack.push((await startAnother(audit)).stop) // two replicas
}, 60_000)
afterAll(() => stack.stop(), 60_000)

const seqsOf = async ({ familyId }: Person) => (await anchorsOf(audit, familyId)).map(({ seq }) => seq)

/** The bus's own word for which stream of anchors it has; undefined while it has none or is away. */
const streamThere = async (): Promise<string | undefined> => {
  const { jsm, stream } = audit.bus
  const info = await jsm.streams.info(stream('ANCHORS')).catch(() => undefined)
  return info?.created
}
const streamRemembered = async () => {
  const { rows } = await audit.admin.query<{ created: string }>('SELECT created FROM anchor_stream')
  return rows[0]?.created
}

/** Waits until every chain was looked at in the stream that is there, and is another than that one. */
const anchoredInAnother = (than: string | undefined) =>
  until(
    async () => {
      const there = await streamThere()
      return there !== undefined && there !== than && (await streamRemembered()) === there
    },
    'every chain in the new stream',
    30_000,
  )

/** Verifies as soon as the service has reached the bus again, and waits until that is an entry itself. */
async function verified(person: Person, seq: number): Promise<unknown> {
  const { body } = await until(
    async () => {
      const answer = await audit.get('/audit/verify', person)
      return answer.status === 200 && answer
    },
    'the bus again',
    30_000,
  )
  await entriesOf(audit, person.familyId, seq)
  return body
}

const unanchored = (count: number) =>
  until(
    async () => (await gauge(audit, 'audit_unanchored_chains')) === count,
    `${count} to be unanchored`,
    30_000,
  )

test('a bus that lost its disk gets an anchor of every chain, also of those that do not grow', async () => {
  const people = [await givenAnchoredTrail(audit), await givenAnchoredTrail(audit)]
  const before = await streamThere()
  await nats.kill()
  nats.loseDisk()
  await nats.start()
  await anchoredInAnother(before)
  for (const person of people) expect(await seqsOf(person)).toEqual([6])
  // And they do what anchors are for.
  const [cut, whole] = people
  await cutTo(audit, cut!.familyId, 4)
  expect(await verified(cut!, 5)).toMatchObject({ intact: false, entries: 4, first_broken_seq: 5 })
  expect(await verified(whole!, 7)).toMatchObject({ intact: true, entries: 6 })
}, 90_000)

test('so does one whose disk is of an older state', async () => {
  await nats.kill()
  nats.backUpDisk()
  await nats.start()
  await until(streamThere, 'the bus again', 30_000)
  const person = await givenAnchoredTrail(audit)
  expect(await seqsOf(person)).toEqual([6])
  await nats.kill()
  nats.restoreDisk()
  await nats.start()
  await until(async () => (await seqsOf(person).catch(() => [])).join() === '6', 'its anchor again', 30_000)
  await unanchored(0)
  expect(await verified(person, 7)).toMatchObject({ intact: true, entries: 6 })
}, 90_000)

test('so does one whose stream was removed while it ran, and until then all chains are said to be unanchored', async () => {
  const person = await givenAnchoredTrail(audit)
  const before = await streamThere()
  // No chain can be looked at before this is back.
  await audit.admin.query('ALTER TABLE event_log RENAME TO event_log_away')
  await audit.bus.jsm.streams.delete(audit.bus.stream('ANCHORS'))
  const { rows } = await audit.admin.query<{ count: number }>('SELECT count(*)::int FROM chain_heads')
  await unanchored(rows[0]!.count)
  await audit.admin.query('ALTER TABLE event_log_away RENAME TO event_log')
  await anchoredInAnother(before)
  expect(await seqsOf(person)).toEqual([6])
  await unanchored(0)
}, 60_000)

test('a crash before all were looked at begins again, and anchors nothing twice', async () => {
  const person = await givenAnchoredTrail(audit)
  const { bus } = audit
  const count = async () => (await bus.jsm.streams.info(bus.stream('ANCHORS'))).state.messages
  const [there, anchors] = [await streamThere(), await count()]
  await audit.admin.query("UPDATE anchor_stream SET created = 'before'")
  await audit.admin.query('UPDATE chain_heads SET anchored_seq = 0 WHERE family_id = $1', [person.familyId])
  const restarted = await startAnother(audit)
  try {
    await until(async () => (await streamRemembered()) === there, 'every chain')
    expect(await count()).toBe(anchors)
  } finally {
    await restarted.stop()
  }
}, 60_000)

test('a chain that was anchored further than it goes is anchored on as it grows', async () => {
  const person = await givenAnchoredTrail(audit)
  await audit.admin.query('UPDATE chain_heads SET anchored_seq = 100 WHERE family_id = $1', [person.familyId])
  const before = await streamThere()
  await audit.bus.jsm.streams.delete(audit.bus.stream('ANCHORS'))
  await anchoredInAnother(before)
  expect(await seqsOf(person)).toEqual([6])
  await verified(person, 7)
  await anchoredAt(audit, person.familyId, 7)
}, 60_000)
