import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { nanos } from '@nats-io/transport-node'
import pg from 'pg'
import { type Anchor, anchorSubject, type DomainEvent } from '../../../libs/contracts/src/index.ts'
import { type Bus, openBus } from '../../../libs/kit/src/bus.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { readAll } from '../../../libs/kit/src/read-all.ts'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { eventually as eventuallyWithin } from '../../support/eventually.ts'
import { givenAccount, givenFamily, type Person } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { type NatsBeside, openNatsBeside } from '../../support/nats-beside.ts'
import { type ServiceProcess, settingsBeside, startServiceProcess } from '../../support/service-process.ts'
import { expectWholeTrail, isInTrail, isPublished, spend, trailOf, until } from './trail-of.ts'

/** A publish that is not answered is given up after five seconds, so nothing here is seen at once. */
const eventually = <Value>(read: () => Promise<Value>, isRight: (value: Value) => boolean) =>
  eventuallyWithin(read, isRight, 30_000)

const stack = createStopStack()
let nats: NatsBeside
let house: House
let audit: ServiceProcess
let sql: pg.Client
let owner: Person
let familyId: string
let wallet: string

beforeAll(async () => {
  nats = await openNatsBeside()
  stack.push(nats.stop)
  await nats.start()
  const inProcess = await startHouse({ services: ['auth', 'ledger'], env: { NATS_URL: nats.url } })
  stack.push(inProcess.stop)
  audit = await startServiceProcess('audit', { ...settingsBeside(inProcess, 'audit'), ANCHOR_SECONDS: '1' })
  stack.push(audit.stop)
  house = { ...inProcess, urls: { ...inProcess.urls, audit: audit.url } }
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  stack.push(() => sql.end())
  const family = await givenFamily(house)
  ;[owner, familyId] = [family.owner, family.id]
  wallet = (await givenAccount(owner)).id
  await expectWholeTrail(sql, familyId)
}, 120_000)
afterAll(() => stack.stop(), 60_000)

/** The test's own look at the bus. */
async function withBus<Answer>(look: (bus: Bus) => Promise<Answer>): Promise<Answer> {
  const config = { NATS_URL: nats.url, NATS_PREFIX: house.env['NATS_PREFIX']!, NATS_REPLICAS: 1 }
  const link = openBus(config, 'test', createLogger('test', 'silent'))
  try {
    return await look(await link.ready)
  } finally {
    await link.stop()
  }
}

/** Whether the bus has an anchor of the trail's end. */
const isAnchored = (family: string) =>
  withBus(async ({ jsm, stream, subject }) => {
    const query = { last_by_subj: subject(anchorSubject(family)) }
    const message = await jsm.streams.getMessage(stream('ANCHORS'), query)
    return message?.json<Anchor>().seq === (await trailOf(sql, family))['last']
  })

const readiness = async () => {
  const answer = await fetch(`${house.opsUrls.ledger}/readyz`)
  const { status, checks } = (await answer.json()) as { status: string; checks: Record<string, string> }
  return { ...checks, code: answer.status, status } as Record<string, unknown>
}
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${house.opsUrls.ledger}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1])
}
const spendSome = async (count: number) => {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push(await spend(owner, wallet))
  return ids
}
const backToNormal = async () => {
  await eventually(readiness, ({ status }) => status === 'ready')
  await eventually(
    () => metric('outbox_unpublished_events'),
    (events) => events === 0,
  )
  await expectWholeTrail(sql, familyId)
}

test('killed, and away for longer than it remembers: money moves on, and all of it arrives once', async () => {
  await withBus(async ({ jsm, stream }) => {
    for (const name of ['AUTH_EVENTS', 'LEDGER_EVENTS'] as const) {
      const { config } = await jsm.streams.info(stream(name))
      await jsm.streams.update(config.name, { ...config, duplicate_window: nanos(100) })
    }
  })
  const before = await spend(owner, wallet)
  await nats.kill()
  const away = await spendSome(5)
  expect(await eventually(readiness, ({ outbox }) => outbox === 'unavailable')).toMatchObject({
    code: 200,
    status: 'degraded',
    postgres: 'ok',
    nats: 'unavailable',
  })
  expect(await metric('outbox_unpublished_events')).toBeGreaterThanOrEqual(5)
  expect(await metric('outbox_age_seconds')).toBeGreaterThan(0)
  await nats.start()
  for (const id of [before, ...away]) await until(() => isInTrail(sql, id))
  await backToNormal()
}, 120_000)

test('it comes back without its disk: streams are made again, and what nobody had read is sent again', async () => {
  const quiet = await givenFamily(house)
  await expectWholeTrail(sql, quiet.id)
  await until(() => isAnchored(quiet.id))
  await audit.kill()
  const unread = await spendSome(3)
  for (const id of unread) await until(() => isPublished(sql, id))
  await nats.kill()
  nats.loseDisk()
  await nats.start()
  await audit.start()
  await until(() => isAnchored(quiet.id)) // by itself, though it does not grow
  for (const id of unread) await until(() => isInTrail(sql, id))
  const later = await spend(owner, wallet)
  await until(() => isInTrail(sql, later))
  await backToNormal()
}, 120_000)

/** The events of these entities that the bus has, each by its entity's id. */
const onTheBus = (ids: readonly string[]) =>
  withBus(async (bus) => {
    const found: string[] = []
    await readAll(bus, { stream: 'LEDGER_EVENTS', filter: 'ledger.>' }, (messages) => {
      for (const { text } of messages) found.push((JSON.parse(text) as DomainEvent).subject)
      return Promise.resolve()
    })
    return ids.filter((id) => found.includes(id))
  })

/** Whoever has this lock is the one that publishes what the ledger wrote. */
const ledgersTurn = `hashtext('outbox'), hashtext('ledger')`

test('it comes back with an older disk: what it lost is sent again, and readers begin again by themselves', async () => {
  const startedOver = async () => {
    const text = await (await fetch(`${audit.opsUrl}/metrics`)).text()
    return Number(/^consumer_started_over_total\{.*consumer="audit-ledger".*\} (\S+)$/m.exec(text)?.[1] ?? 0)
  }
  await nats.kill()
  nats.backUpDisk()
  await nats.start()
  const lost = await spendSome(3)
  for (const id of lost) await until(() => isInTrail(sql, id))
  expect(await onTheBus(lost)).toEqual(lost)
  const before = await startedOver()
  await nats.kill()
  nats.restoreDisk()
  // Sent again at once, the same events could be in their old places before the reader looks: nothing would be missing.
  await sql.query(`SELECT pg_advisory_lock(${ledgersTurn})`)
  await nats.start()
  await eventually(startedOver, (count) => count > before)
  await sql.query(`SELECT pg_advisory_unlock(${ledgersTurn})`)
  await eventually(
    () => onTheBus(lost),
    (found) => found.length === lost.length,
  )
  const later = await spend(owner, wallet)
  await until(() => isInTrail(sql, later))
  await backToNormal()
}, 120_000)

test('its disk is full: money moves on, the state is seen, and all arrives once there is room', async () => {
  await nats.kill()
  await nats.start({ jetstream: 'max_file_store: 4MB' })
  await eventually(readiness, ({ status }) => status === 'ready')
  const fill = 'fill'
  await withBus(async ({ js, jsm }) => {
    await jsm.streams.add({ name: 'FILL', subjects: [fill] })
    const publish = (bytes: number) => js.publish(fill, 'x'.repeat(bytes), { timeout: 2_000 })
    for (const bytes of [100_000, 1_000]) {
      const untilFull = async (): Promise<void> => publish(bytes).then(untilFull, () => undefined)
      await untilFull()
    }
  })
  const failures = await metric('outbox_publish_failures_total')
  const away = await spendSome(3)
  await eventually(
    () => metric('outbox_publish_failures_total'),
    (count) => count > failures,
  )
  expect(await eventually(readiness, ({ outbox }) => outbox === 'unavailable')).toMatchObject({
    code: 200,
    status: 'degraded',
  })
  await withBus(({ jsm }) => jsm.streams.delete('FILL'))
  for (const id of away) await until(() => isInTrail(sql, id))
  await backToNormal()
}, 120_000)

describe('an event that it will not take', () => {
  test('stays in the outbox, is seen, holds nobody up, and goes as soon as it can', async () => {
    await nats.kill()
    await nats.start({ server: 'max_payload: 32768' })
    await eventually(readiness, ({ status }) => status === 'ready')
    const large = await spend(owner, wallet) // its event is replaced before the bus is there again
    await until(() => isInTrail(sql, large))
    await insertLarge(large)
    const behind = await spendSome(2)
    for (const id of behind) await until(() => isInTrail(sql, id))
    await eventually(
      () => metric('outbox_refused_events'),
      (count) => count === 1,
    )
    expect(await readiness()).toMatchObject({ code: 200, status: 'degraded', outbox: 'unavailable' })
    await nats.kill()
    await nats.start()
    await backToNormal()
  }, 120_000)

  /** A second event of the transaction, as large as no event of ours is. */
  const insertLarge = (entityId: string) =>
    sql.query(
      `INSERT INTO ledger.outbox (id, family_id, subject, entity_type, entity_id, version, payload)
       SELECT new.id, family_id, subject, entity_type, entity_id, 2,
         payload || jsonb_build_object('id', new.id, 'data', payload->'data' || jsonb_build_object(
           'version', 2, 'new_values', jsonb_build_object('text', repeat('x', 40000))))
       FROM ledger.outbox, gen_random_uuid() AS new (id) WHERE entity_id = $1`,
      [entityId],
    )
})
