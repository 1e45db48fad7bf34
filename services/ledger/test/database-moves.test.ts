import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { isDatabaseAway, openPool } from '../../../libs/kit/src/database.ts'
import { dropUseless } from '../../../libs/kit/src/drop-useless.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { givenAccount } from '../../../tests/support/given.ts'
import { through } from '../../../tests/support/gateway-beside.ts'
import { startTcpProxy } from '../../gateway/test/support/tcp-proxy.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { type LedgerHouse, sendRaw, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => void (at = await startLedgerHouse()), 60_000)
afterAll(() => at.stop())

test('a connection on which nobody answers any more is given up, and the next one works', async () => {
  const stack = createStopStack()
  try {
    const url = new URL(at.house.database.urlOf('ledger'))
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
    stack.push(proxy.stop)
    const pool = openPool(through(url, proxy), createLogger('ledger', 'fatal'), 2)
    stack.push(() => pool.end())
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'ledger' }) })
    const calls = () => [pool.query('SELECT 1'), prisma.$queryRaw`SELECT 1`]
    await Promise.all(calls())
    proxy.freeze()
    const given = await Promise.allSettled([...calls(), pool.query('SELECT 1')])
    const away = given.map((call) => call.status === 'rejected' && isDatabaseAway(call.reason))
    expect(away).toEqual([true, true, true])
    proxy.heal()
    await Promise.all(calls())
  } finally {
    await stack.stop()
  }
}, 90_000)

test('so is one that had nothing to do for longer than that', async () => {
  const stack = createStopStack()
  try {
    const url = new URL(at.house.database.urlOf('ledger'))
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
    stack.push(proxy.stop)
    const pool = new pg.Pool({ connectionString: through(url, proxy), max: 1 })
    stack.push(() => pool.end())
    pool.on('error', () => undefined)
    dropUseless(pool, 1_500)
    let idle = 0
    pool.on('connect', ({ connection }: pg.Client) => connection.stream.on('timeout', () => idle++))
    await eventually(
      () =>
        pool.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      (works) => works,
    )
    await eventually(
      () => Promise.resolve(idle),
      (times) => times > 0,
    )
    expect(pool.idleCount).toBe(1)
    proxy.freeze()
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  } finally {
    await stack.stop()
  }
}, 30_000)

test('a server that takes no writes any more is left, and writes go on where they are taken', async () => {
  const { owner, id } = await at.familyKnown()
  const account = await givenAccount(owner)
  const name = new URL(at.house.database.adminUrl).pathname.slice(1)
  // Connections remember it, as those to a server that became a standby would.
  const setReadOnly = async (readOnly: 'on' | 'off') => {
    await at.rows(`ALTER DATABASE ${name} SET default_transaction_read_only = ${readOnly}`)
  }
  const income = JSON.stringify({ type: 'income', account_id: account.id, amount: '1.00', currency: 'EUR' })
  const write = () => sendRaw(owner, 'POST /transactions', income)
  const change = () => sendRaw(owner, `PATCH /accounts/${account.id}`, '{"name":"Purse"}')

  await setReadOnly('on')
  const [{ now }] = (await at.rows<{ now: string }>('SELECT now()::text')) as [{ now: string }]
  const writers = `FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'purse_ledger' AND backend_start < '${now}'`
  await at.rows(`SELECT pg_terminate_backend(pid) ${writers}`)
  await eventually(
    () => at.rows(`SELECT ${writers}`),
    (rows) => rows.length === 0,
  )
  const before = await at.stateOf(id)
  for (const call of [write, change])
    await eventually(call, ({ status, problem }) => status === 503 && problem.code === 'upstream_unavailable')
  expect((await write()).problem.detail).toBe('The database cannot be reached')
  expect(await at.stateOf(id)).toEqual(before)

  await setReadOnly('off')
  for (const call of [write, change])
    await eventually(
      async () => (await call()).status,
      (status) => status < 300,
    )
})
