import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../support/eventually.ts'
import { givenAccount, givenFamily } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { type ServiceProcess, settingsBeside, startServiceProcess } from '../support/service-process.ts'

const TRANSACTIONS = 200
const KILLS = [40, 90, 150]

let house: House
let audit: ServiceProcess
let sql: pg.Client

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'gateway'] })
  audit = await startServiceProcess('audit', settingsBeside(house, 'audit'))
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
}, 60_000)
afterAll(async () => {
  await sql.end()
  await audit.stop()
  await house.stop()
})

test('the audit service is killed in the middle of 200 transactions and each event is there once', async () => {
  const { owner } = await givenFamily(house)
  const wallet = await givenAccount(owner, { opening_balance: '10000.00' })
  let restarts = Promise.resolve()
  for (let n = 1; n <= TRANSACTIONS; n++) {
    await owner.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: wallet.id,
        amount: '1.00',
        currency: 'EUR',
        description: `number ${n}`,
      },
    })
    if (KILLS.includes(n)) {
      await restarts
      await audit.kill()
      restarts = audit.start() // transactions go on meanwhile
    }
  }
  await restarts

  const missing = async () => {
    const { rows } = await sql.query<{ id: string }>(
      `SELECT o.id FROM (SELECT id FROM auth.outbox UNION ALL SELECT id FROM ledger.outbox) o
       LEFT JOIN audit.event_log e ON e.event_id = o.id WHERE e.event_id IS NULL`,
    )
    return rows.length
  }
  await eventually(missing, (count) => count === 0, 30_000)

  const { rows: strangers } = await sql.query(
    `SELECT e.event_id FROM audit.event_log e
     WHERE NOT EXISTS (SELECT 1 FROM ledger.outbox o WHERE o.id = e.event_id)
       AND NOT EXISTS (SELECT 1 FROM auth.outbox o WHERE o.id = e.event_id)`,
  )
  const { rows: doubled } = await sql.query(
    'SELECT event_id FROM audit.event_log GROUP BY event_id HAVING count(*) > 1',
  )
  const { rows: posted } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM audit.event_log WHERE family_id = $1 AND action = 'transaction.posted'`,
    [owner.session.family.id],
  )
  expect({ strangers, doubled, posted: posted[0]!.n }).toEqual({
    strangers: [],
    doubled: [],
    posted: TRANSACTIONS,
  })

  const { rows: chain } = await sql.query<{ entries: number; last: number }>(
    'SELECT count(*)::int AS entries, max(seq)::int AS last FROM audit.event_log WHERE family_id = $1',
    [owner.session.family.id],
  )
  expect(chain[0]!.last).toBe(chain[0]!.entries)
  const verified = await fetch(`${audit.url}/api/v1/audit/verify`, {
    headers: { authorization: `Bearer ${owner.session.access_token}` },
  })
  expect(await verified.json()).toMatchObject({ intact: true, entries: chain[0]!.entries })
}, 120_000)
