import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { givenAccount, givenFamily } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { runTool } from '../../support/run-tool.ts'
import { type ServiceProcess, settingsBeside, startServiceProcess } from '../../support/service-process.ts'
import { expectWholeTrail, spend, trailOf } from './trail-of.ts'

const stack = createStopStack()
let house: House
let audit: ServiceProcess
let sql: pg.Client
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'] })
  stack.push(house.stop)
  audit = await startServiceProcess('audit', settingsBeside(house, 'audit'))
  stack.push(audit.stop)
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  stack.push(() => sql.end())
}, 60_000)
afterAll(() => stack.stop(), 60_000)

const trailTables = ['event_log', 'chain_heads', 'stream_positions']

const backUp = async () => {
  for (const table of trailTables)
    await sql.query(`CREATE TABLE public.kept_${table} AS TABLE audit.${table}`)
}
/** As the database's owner, with the service stopped: nobody else could. */
const restore = async () => {
  await sql.query('ALTER TABLE audit.event_log DISABLE TRIGGER USER')
  for (const table of trailTables)
    await sql.query(`DELETE FROM audit.${table}; INSERT INTO audit.${table} TABLE public.kept_${table}`)
  await sql.query('ALTER TABLE audit.event_log ENABLE ALWAYS TRIGGER event_log_append_only')
}

const republish = (service: 'auth' | 'ledger', ...args: string[]) =>
  runTool('republish', ['--service', service, ...args], {
    DATABASE_URL: house.database.urlOf(service),
    NATS_URL: house.env['NATS_URL']!,
    NATS_PREFIX: house.env['NATS_PREFIX']!,
  })

test('a trail from a backup reads what it lacks by itself; events that are sent again are there once', async () => {
  const { owner, id: familyId } = await givenFamily(house)
  const wallet = await givenAccount(owner)
  await expectWholeTrail(sql, familyId)
  const since = new Date().toISOString()
  await backUp()
  for (let n = 0; n < 5; n++) await spend(owner, wallet.id)
  await expectWholeTrail(sql, familyId)

  await audit.kill()
  await restore()
  expect((await trailOf(sql, familyId))['missing']).toBe(5)
  await audit.start()
  await expectWholeTrail(sql, familyId)

  expect(await republish('ledger', '--since', since)).toEqual({
    code: 0,
    text: 'ledger: 5 events were sent again\n',
  })
  for (const service of ['auth', 'ledger'] as const)
    expect(await republish(service, '--since', '2000-01-01T00:00:00Z')).toMatchObject({ code: 0 })
  await spend(owner, wallet.id)
  await expectWholeTrail(sql, familyId)
}, 90_000)

test('what is asked for wrongly is said, and nothing is sent', async () => {
  expect((await republish('ledger', '--since', 'yesterday-ish')).text).toContain('--since: expected a time')
  expect((await republish('gateway' as 'auth', '--since', '2026-01-01T00:00:00Z')).text).toContain(
    '--service',
  )
  expect((await republish('ledger')).text).toContain('--since TIME')
}, 90_000)
