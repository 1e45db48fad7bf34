import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import type { DomainEvent } from '../../../libs/contracts/src/index.ts'
import { type Bus, openBus } from '../../../libs/kit/src/bus.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { eventually } from '../../support/eventually.ts'
import { startHouse } from '../../support/house.ts'
import { type ServiceProcess, settingsBeside, startServiceProcess } from '../../support/service-process.ts'

const ROUNDS = 6
const VERSIONS_A_ROUND = 100

const stack = createStopStack()
let replicas: [ServiceProcess, ServiceProcess]
let bus: Bus
let sql: pg.Client
beforeAll(async () => {
  const house = await startHouse({ services: ['auth'] })
  stack.push(house.stop)
  const start = () => startServiceProcess('audit', settingsBeside(house, 'audit'))
  replicas = [await start(), await start()]
  for (const { stop } of replicas) stack.push(stop)
  sql = new pg.Client({ connectionString: house.database.adminUrl, options: '-c search_path=audit' })
  await sql.connect()
  stack.push(() => sql.end())
  const { NATS_URL, NATS_PREFIX } = house.env as { NATS_URL: string; NATS_PREFIX: string }
  const link = openBus({ NATS_URL, NATS_PREFIX, NATS_REPLICAS: 1 }, 'test', createLogger('test', 'silent'))
  stack.push(link.stop)
  bus = await link.ready
}, 90_000)
afterAll(() => stack.stop(), 60_000)

const eventOf = (familyid: string, entity_id: string, version: number): DomainEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/ledger',
  type: 'ledger.account.updated.v1',
  subject: entity_id,
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  data: { entity_type: 'account', entity_id, version, old_values: null, new_values: { version } },
  familyid,
})

const versionsOf = async (entityId: string) => {
  const { rows } = await sql.query<{ version: number }>(
    'SELECT version FROM event_log WHERE entity_id = $1 ORDER BY seq',
    [entityId],
  )
  return rows.map(({ version }) => version)
}

test('two replicas, one of them killed again and again: an entity keeps the order of its versions', async () => {
  const [familyId, entityId] = [randomUUID(), randomUUID()]
  const all = Array.from({ length: ROUNDS * VERSIONS_A_ROUND }, (_, index) => index + 1)
  for (let round = 0; round < ROUNDS; round++) {
    const [from, to] = [round * VERSIONS_A_ROUND, (round + 1) * VERSIONS_A_ROUND]
    const published = all.slice(from, to).map((version) => {
      const event = eventOf(familyId, entityId, version)
      return bus.js.publish(bus.subject(event.type), JSON.stringify(event))
    })
    await eventually(
      () => versionsOf(entityId),
      ({ length }) => length > from,
      30_000,
    )
    const killed = replicas[round % 2]!
    await killed.kill() // in the middle of a round when it is the one that reads
    await Promise.all(published)
    await killed.start()
  }
  const stored = await eventually(
    () => versionsOf(entityId),
    ({ length }) => length >= all.length,
    30_000,
  )
  expect(stored).toEqual(all)
}, 180_000)

test('a replica that freezes with the place in hands holds the other up for a while only, and does nothing twice', async () => {
  const [familyId, entityId] = [randomUUID(), randomUUID()]
  const publish = async (version: number) => {
    const event = eventOf(familyId, entityId, version)
    await bus.js.publish(bus.subject(event.type), JSON.stringify(event))
  }
  const untilStored = (versions: number[]) =>
    eventually(
      () => versionsOf(entityId),
      (stored) => stored.join() === versions.join(),
      60_000,
    )
  await publish(1)
  await untilStored([1])
  for (const replica of replicas) {
    replica.freeze()
    const next = (await versionsOf(entityId)).length + 1
    await publish(next)
    await untilStored(Array.from({ length: next }, (_, index) => index + 1))
    replica.thaw()
  }
  await publish(4)
  await untilStored([1, 2, 3, 4])
}, 180_000)
