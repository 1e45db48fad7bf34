import { randomUUID } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { testEnvironment } from '../../../tests/support/settings.ts'
import { loadConfig } from '../src/config.ts'
import { startAudit } from '../src/start.ts'
import { startAuditHouse, until } from './support.ts'
import { type Migrated, startDatabase } from './migrated-database.ts'

/** No service works on this database: what is called here is what happens. */
let database: Migrated
let admin: pg.Client
let own: pg.Pool
beforeAll(async () => {
  database = await startDatabase()
  admin = database.admin
  own = new pg.Pool({ connectionString: database.ownUrl, max: 6 })
  own.on('error', () => undefined) // dropping the database may be quicker than a goodbye
})
afterAll(async () => {
  await own.end()
  await database.drop()
})

const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS)
const monthOf = (date: Date) => date.toISOString().slice(0, 7).replace('-', '')

async function givenLine(at: Date, db: pg.Client | pg.Pool = admin): Promise<string> {
  const id = randomUUID()
  await db.query(
    `INSERT INTO access_log (at, id, method, route, status, duration_ms, ip, request_id)
     VALUES ($1, $2, 'GET', 'none', 200, 1, '192.0.2.1', 'r')`,
    [at, id],
  )
  return id
}

/** The table that holds a line. */
async function placeOf(id: string, db: pg.Client = admin): Promise<string | undefined> {
  const { rows } = await db.query<{ place: string }>(
    'SELECT tableoid::regclass::text AS place FROM access_log WHERE id = $1',
    [id],
  )
  return rows[0]?.place
}

const givenMonth = (date: Date, db: pg.Client = admin) =>
  db.query(`SELECT make_access_partition(date_trunc('month', $1::timestamptz, 'UTC'))`, [date])
const drop = async (days: number) =>
  (await own.query<{ dropped: number }>('SELECT drop_access_partitions($1) AS dropped', [days])).rows[0]!
    .dropped

test('there are partitions of the last month to the third from now', async () => {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'access_log'::regclass ORDER BY 1`,
  )
  const today = new Date()
  const months = [-1, 0, 1, 2, 3].map((n) =>
    monthOf(new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + n))),
  )
  expect(rows.map(({ name }) => name)).toEqual([
    ...months.map((month) => `access_log_${month}`),
    'access_log_outside',
  ])
  expect(await placeOf(await givenLine(today))).toBe(`access_log_${monthOf(today)}`)
})

test('months that are wholly too old go, younger ones and their lines stay', async () => {
  const [old, young] = [daysAgo(500), daysAgo(300)]
  for (const date of [old, young]) await givenMonth(date)
  const [gone, kept, newest] = [await givenLine(old), await givenLine(young), await givenLine(new Date())]
  const [goneOutside, keptOutside] = [await givenLine(daysAgo(450)), await givenLine(daysAgo(380))]
  expect(await placeOf(gone)).toBe(`access_log_${monthOf(old)}`)
  expect(await drop(400)).toBe(1)
  expect(await Promise.all([gone, kept, newest, goneOutside, keptOutside].map((id) => placeOf(id)))).toEqual([
    undefined,
    `access_log_${monthOf(young)}`,
    `access_log_${monthOf(new Date())}`,
    undefined,
    'access_log_outside',
  ])
  expect(await drop(400)).toBe(0)
})

test('lines of a month that had no partition move into it once it has', async () => {
  const date = new Date(Date.UTC(2090, 4, 31, 23, 59, 59, 999))
  const next = new Date(date.getTime() + 1)
  const [may, june] = [await givenLine(date), await givenLine(next)]
  expect(await placeOf(may)).toBe('access_log_outside')
  await givenMonth(date)
  expect(await placeOf(may)).toBe('access_log_209005')
  expect(await placeOf(june)).toBe('access_log_outside')
})

test('a database whose clock leapt ahead drops nothing: days count back from the newest line', async () => {
  // The same as a leap of the clock: no line is younger than 200 days.
  const other = await startDatabase()
  const [older, newer] = [daysAgo(290), daysAgo(200)]
  for (const date of [older, newer]) await givenMonth(date, other.admin)
  const id = await givenLine(older, other.admin)
  await givenLine(newer, other.admin)
  await other.admin.query('SELECT drop_access_partitions(150)')
  expect(await placeOf(id, other.admin)).toBe(`access_log_${monthOf(older)}`)
  await givenLine(new Date(), other.admin)
  await other.admin.query('SELECT drop_access_partitions(150)')
  expect(await placeOf(id, other.admin)).toBeUndefined()
  await other.drop()
})

test('neither does anybody who asks for fewer than 30 days', async () => {
  for (const days of [29, 0, -400, null])
    await expect(own.query('SELECT drop_access_partitions($1)', [days])).rejects.toMatchObject({
      code: '22023',
    })
})

test.each([
  'SELECT make_access_partition(now())',
  `DROP TABLE access_log_${monthOf(new Date())}`,
  `DELETE FROM access_log_${monthOf(new Date())}`,
  'TRUNCATE access_log',
  'DELETE FROM access_log_outside',
  'ALTER TABLE access_log DETACH PARTITION access_log_outside',
])('the service’s own role may not %s', async (statement) => {
  await expect(own.query(statement)).rejects.toMatchObject({ code: '42501' })
})

/** Whoever waits too long for the others gives up and comes again, as the service does. */
const unlessHeldUp = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError && error.code === '55P03')) throw error
  })

test('several work at once while lines are stored and read', async () => {
  const dates = Array.from({ length: 12 }, (_, n) => daysAgo(470 + 31 * n))
  for (const date of dates) await givenMonth(date)
  const work = dates.flatMap(() => [
    unlessHeldUp(own.query('SELECT make_access_partitions()')),
    unlessHeldUp(own.query('SELECT drop_access_partitions(400)')),
    givenLine(new Date(), own),
    own.query('SELECT max(at) FROM access_log'),
  ])
  await Promise.all(work)
  await until(async () => {
    await unlessHeldUp(drop(400))
    const { rows } = await admin.query(
      `SELECT 1 FROM pg_inherits WHERE inhparent = 'access_log'::regclass AND inhrelid::regclass::text = ANY($1)`,
      [dates.map((date) => `access_log_${monthOf(date)}`)],
    )
    return rows.length === 0
  }, 'the old months to go')
})

test('metrics tell how far the log reaches', async () => {
  const audit = await startAuditHouse()
  const metric = async (name: string) => {
    const text = await (await fetch(`${audit.house.opsUrls.audit}/metrics`)).text()
    return Number(new RegExp(`^${name}{[^}]*} (.*)$`, 'm').exec(text)?.[1])
  }
  await givenMonth(daysAgo(366), audit.admin)
  expect(await metric('audit_access_oldest_seconds')).toBeGreaterThan(365 * 86_400)
  expect(await metric('audit_access_ahead_seconds')).toBeGreaterThan(59 * 86_400)
  expect(await metric('audit_access_lines_outside')).toBe(0)
  await givenLine(new Date(Date.UTC(2099, 0)), audit.admin)
  expect(await metric('audit_access_lines_outside')).toBe(1)
  await audit.stop()
})

test('the service drops what is too old by itself', async () => {
  const other = await startDatabase()
  await givenMonth(daysAgo(100), other.admin)
  const [gone, kept] = [await givenLine(daysAgo(100), other.admin), await givenLine(new Date(), other.admin)]
  const env = { ...testEnvironment(), DATABASE_URL: other.ownUrl, JWKS_URL: 'http://127.0.0.1:9/jwks.json' }
  const config = loadConfig({ ...env, ACCESS_LOG_DAYS: '30' })
  const running = await startAudit(config, createLogger('audit', 'silent'))
  await until(async () => (await placeOf(gone, other.admin)) === undefined, 'the old month to go')
  expect(await placeOf(kept, other.admin)).toBe(`access_log_${monthOf(new Date())}`)
  await running.stop()
  await other.drop()
})

test('fewer than 30 days are no setting', () => {
  const env = {
    ...testEnvironment(),
    DATABASE_URL: database.ownUrl,
    JWKS_URL: 'http://127.0.0.1:9/jwks.json',
  }
  expect(() => loadConfig({ ...env, ACCESS_LOG_DAYS: '29' })).toThrow('ACCESS_LOG_DAYS')
})

test('a log of before is moved line by line into its months', async () => {
  const other = await startDatabase('20261124200000')
  const dates = [daysAgo(0), daysAgo(70), daysAgo(800), new Date(Date.UTC(2080, 0))]
  const ids: string[] = []
  for (const date of dates) ids.push(await givenLine(date, other.admin))
  const all = async () =>
    (await other.admin.query<{ id: string }>('SELECT * FROM access_log ORDER BY at')).rows
  const before = await all()
  await other.migrateAll()
  expect(await all()).toEqual(before)
  expect(await Promise.all(ids.map((id) => placeOf(id, other.admin)))).toEqual([
    ...dates.slice(0, 3).map((date) => `access_log_${monthOf(date)}`),
    'access_log_outside',
  ])
  await other.drop()
})
