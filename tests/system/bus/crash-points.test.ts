import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { nanos } from '@nats-io/transport-node'
import pg from 'pg'
import { createClient } from '../../../libs/client/src/index.ts'
import type { DomainEvent } from '../../../libs/contracts/src/index.ts'
import { type Bus, openBus } from '../../../libs/kit/src/bus.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { givenAccount, givenFamily, type Person } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { type NatsProxy, startNatsProxy } from '../../support/nats-proxy.ts'
import { type ServiceProcess, settingsBeside, startServiceProcess } from '../../support/service-process.ts'
import { expectWholeTrail, isInTrail, isPublished, spend, until } from './trail-of.ts'

const stack = createStopStack()
let house: House
let bus: Bus
let sql: pg.Client
/** Holds locks that stop a service at an exact point. */
let holder: pg.Client
let ledgerBus: NatsProxy
let auditBus: NatsProxy
let ledger: ServiceProcess
let audit: ServiceProcess

beforeAll(async () => {
  const inProcess = await startHouse({ services: ['auth'] })
  stack.push(inProcess.stop)
  const natsUrl = inProcess.env['NATS_URL']!
  ;[ledgerBus, auditBus] = [await startNatsProxy(natsUrl), await startNatsProxy(natsUrl)]
  stack.push(ledgerBus.stop)
  stack.push(auditBus.stop)
  ledger = await startServiceProcess('ledger', environmentOf(inProcess, 'ledger', ledgerBus.url))
  stack.push(ledger.stop)
  audit = await startServiceProcess('audit', environmentOf(inProcess, 'audit', auditBus.url))
  stack.push(audit.stop)
  house = { ...inProcess, urls: { ...inProcess.urls, ledger: ledger.url, audit: audit.url } }
  ;[sql, holder] = [await connectTo(house), await connectTo(house)]
  bus = await connectBus(inProcess)
}, 90_000)
afterAll(() => stack.stop(), 60_000)

const environmentOf = (beside: House, service: 'ledger' | 'audit', natsUrl: string) => ({
  ...settingsBeside(beside, service),
  NATS_URL: natsUrl,
})

async function connectTo({ database }: House): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.adminUrl })
  await client.connect()
  stack.push(() => client.end())
  return client
}

async function connectBus({ env }: House): Promise<Bus> {
  const config = { NATS_URL: env['NATS_URL']!, NATS_PREFIX: env['NATS_PREFIX']!, NATS_REPLICAS: 1 }
  const link = openBus(config, 'test', createLogger('test', 'silent'))
  stack.push(link.stop)
  return await link.ready
}

async function givenWallet(): Promise<{ owner: Person; familyId: string; wallet: string }> {
  const { owner, id: familyId } = await givenFamily(house)
  const wallet = await givenAccount(owner)
  await expectWholeTrail(sql, familyId)
  return { owner, familyId, wallet: wallet.id }
}

/** A statement of a service that waits for a lock which the test holds. */
const isWaiting = async (statement: string) =>
  ((
    await sql.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [`${statement}%`],
    )
  ).rowCount ?? 0) > 0

const hold = async (lock: string, values: unknown[]) => {
  await holder.query('BEGIN')
  await holder.query(lock, values)
  return () => holder.query('ROLLBACK')
}

test('killed after the commit and before the event is published', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  ledgerBus.cut()
  const id = await spend(owner, wallet)
  await ledger.kill()
  expect(await isPublished(sql, id)).toBe(false)
  ledgerBus.heal()
  await ledger.start()
  await expectWholeTrail(sql, familyId)
}, 90_000)

test('killed after the event is published and before it is marked', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  ledgerBus.cut()
  const id = await spend(owner, wallet)
  const release = await hold('SELECT FROM ledger.outbox WHERE entity_id = $1 FOR UPDATE', [id])
  ledgerBus.heal()
  await until(() => isInTrail(sql, id))
  await until(() => isWaiting('UPDATE outbox SET published_at'))
  await ledger.kill()
  await release()
  expect(await isPublished(sql, id)).toBe(false)
  await ledger.start()
  await until(() => isPublished(sql, id))
  await expectWholeTrail(sql, familyId)
}, 90_000)

/** How often the stream has the event of an entity. */
async function copiesOnTheBus(entityId: string): Promise<number> {
  const consumer = await bus.js.consumers.get(bus.stream('LEDGER_EVENTS'))
  const { num_pending: all } = await consumer.info()
  const messages = await consumer.consume()
  let [read, copies] = [0, 0]
  for await (const message of messages) {
    if (message.json<DomainEvent>().subject === entityId) copies++
    if (++read === all) break
  }
  await messages.close()
  return copies
}

test('killed before it is marked, and the bus has forgotten the event when it comes again', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  const stream = bus.stream('LEDGER_EVENTS')
  const { config } = await bus.jsm.streams.info(stream)
  await bus.jsm.streams.update(stream, { ...config, duplicate_window: nanos(100) })
  ledgerBus.cut()
  const id = await spend(owner, wallet)
  const release = await hold('SELECT FROM ledger.outbox WHERE entity_id = $1 FOR UPDATE', [id])
  ledgerBus.heal()
  await until(() => isWaiting('UPDATE outbox SET published_at'))
  await ledger.kill()
  await release()
  await ledger.start()
  await until(() => isPublished(sql, id))
  await bus.jsm.streams.update(stream, config)
  expect(await copiesOnTheBus(id)).toBe(2)
  await expectWholeTrail(sql, familyId)
}, 90_000)

test('killed after the event is published, whose acknowledgement was lost', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  ledgerBus.loseToService((line) => /^H?MSG _INBOX/.test(line))
  const id = await spend(owner, wallet)
  await until(() => isInTrail(sql, id))
  await ledger.kill()
  ledgerBus.loseToService()
  expect(await isPublished(sql, id)).toBe(false)
  await ledger.start()
  await until(() => isPublished(sql, id))
  await expectWholeTrail(sql, familyId)
}, 90_000)

test('killed after the event has arrived and before it is stored', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  const release = await hold('SELECT FROM audit.chain_heads WHERE family_id = $1 FOR UPDATE', [familyId])
  const id = await spend(owner, wallet)
  await until(() => isWaiting('INSERT INTO chain_heads'))
  await audit.kill()
  await release()
  expect(await isInTrail(sql, id)).toBe(false)
  await audit.start()
  await expectWholeTrail(sql, familyId)
}, 90_000)

test('killed between what it stores and its place in the stream: both are there, or neither', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  const release = await hold(
    `SELECT FROM audit.stream_positions WHERE reader = 'audit-ledger' FOR UPDATE`,
    [],
  )
  const id = await spend(owner, wallet)
  await until(() => isWaiting('UPDATE stream_positions SET seq'))
  await audit.kill()
  await release()
  expect(await isInTrail(sql, id)).toBe(false)
  await audit.start()
  await expectWholeTrail(sql, familyId)
}, 90_000)

/** A turn at the outbox that waits for the bus: answers since when. */
async function turnSince(): Promise<string | undefined> {
  const { rows } = await sql.query<{ since: string }>(
    `SELECT xact_start::text AS since FROM pg_stat_activity WHERE datname = current_database()
     AND state = 'idle in transaction' AND query LIKE 'SELECT id, subject, payload FROM outbox%'`,
  )
  return rows[0]?.since
}

/** Freezes the ledger while it has the turn; tries again where the turn ended in between. */
const freezeInItsTurn = () =>
  until(async () => {
    const since = await turnSince()
    if (since === undefined) return false
    ledger.freeze()
    if ((await turnSince()) === since) return true
    ledger.thaw()
    return false
  })

test('a replica that freezes in its turn at the relay holds the other up for a while only', async () => {
  const { owner, familyId, wallet } = await givenWallet()
  ledgerBus.loseToBus((line) => line.startsWith('HPUB'))
  const ids = [await spend(owner, wallet)]
  await freezeInItsTurn()
  const other = await startServiceProcess('ledger', environmentOf(house, 'ledger', house.env['NATS_URL']!))
  try {
    const credentials = { accessToken: owner.session.access_token, signingKey: owner.session.signing_key }
    const atOther = createClient({ baseUrl: other.url, credentials: () => credentials })
    ids.push(await spend({ ...owner, ledger: atOther }, wallet))
    for (const id of ids) await until(() => isInTrail(sql, id), 45_000)
    ledgerBus.loseToBus()
    ledger.thaw()
    ids.push(await spend(owner, wallet))
    await until(() => isInTrail(sql, ids.at(-1)!))
    await expectWholeTrail(sql, familyId)
  } finally {
    ledgerBus.loseToBus()
    ledger.thaw()
    await other.stop()
  }
}, 120_000)
