import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createLogger } from '../../libs/kit/src/logger.ts'
import { loadConfig } from '../../services/ledger/src/config.ts'
import { type RunningLedger, startLedger } from '../../services/ledger/src/start.ts'
import {
  type Answered,
  checkAnswers,
  checkDatabase,
  checkTold,
  type ToldBalance,
} from '../invariants/check-invariants.ts'
import { faults } from '../invariants/faults.ts'
import { openFamilies, randomRun, toldBalances } from '../invariants/random-run.ts'
import { checkRole, checkUnchanged, type Moment, rememberRows } from '../invariants/unchanged-rows.ts'
import { eventually } from '../support/eventually.ts'
import { type House, startHouse } from '../support/house.ts'

/* Twenty clients at two replicas; afterwards nothing was lost, doubled or invented. SEED=n repeats a run. */

const OPERATIONS = Number(process.env['OPERATIONS'] ?? 2_000)
const SEED = Number(process.env['SEED'] ?? randomInt(1_000_000))

let house: House
let second: RunningLedger
let sql: pg.Client
let answers: Answered[]
let told: ToldBalance[]
let before: Moment

beforeAll(async () => {
  console.log(`Random run of ${OPERATIONS} operations; to repeat it: SEED=${SEED}`)
  house = await startHouse({ services: ['auth', 'ledger'] })
  const env = {
    ...house.env,
    DATABASE_URL: house.database.urlOf('ledger'),
    JWKS_URL: `${house.urls.auth}/.well-known/jwks.json`,
  }
  second = await startLedger(loadConfig(env), createLogger('ledger', 'fatal'))
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  const families = await openFamilies(house)
  const members = () => sql.query('SELECT 1 FROM ledger.members').then(({ rowCount }) => rowCount)
  await eventually(members, (count) => count === 20)
  before = await rememberRows(sql)
  const urls = [house.urls.ledger, second.url]
  answers = await randomRun(families, { urls, operations: OPERATIONS, seed: SEED })
  told = await toldBalances(families)
}, 120_000)
afterAll(async () => {
  await sql.end()
  await second.stop()
  await house.stop()
})

const violations = async () => [
  ...(await checkDatabase(sql)),
  ...(await checkTold(sql, told)),
  ...(await checkAnswers(sql, answers)),
  ...(await checkUnchanged(sql, before)),
]

test('the run did some of everything', () => {
  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  for (const status of [200, 201, 400, 403, 404, 409, 422])
    expect({ status, seen: count(status) > 0 }).toEqual({ status, seen: true })
  expect(count(201)).toBeGreaterThan(OPERATIONS / 3)
})

test('and broke nothing', async () => {
  expect({ seed: SEED, violations: await violations() }).toEqual({ seed: SEED, violations: [] })
})

test('the role of the service may not change what was posted', async () => {
  expect(await checkRole(house.database.urlOf('ledger'), 'ledger')).toEqual([])
})

describe('the checker sees', () => {
  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_name, { plant, seen }) => {
    await sql.query("BEGIN; SET LOCAL session_replication_role = 'replica'")
    try {
      const { rowCount } = await sql.query(plant[0]!)
      expect(rowCount).not.toBe(0)
      for (const statement of plant.slice(1)) await sql.query(statement)
      const found = await violations()
      expect([...new Set(found.map(({ what }) => what))].sort()).toEqual([...seen].sort())
      for (const { ids } of found) expect(ids.length).toBeLessThanOrEqual(2)
    } finally {
      await sql.query('ROLLBACK')
    }
  })

  test('a role that may change postings', async () => {
    expect(await checkRole(house.database.adminUrl, 'ledger')).toMatchObject([{ invariant: 'I9' }])
  })
})
