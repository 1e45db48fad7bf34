import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateService, serviceUrl } from '@common-purse/kit/migrate'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { required } from '../../../tests/support/settings.ts'
import { type AuditHouse, startAuditHouse, until } from './support.ts'

let audit: AuditHouse
let own: pg.Pool
beforeAll(async () => {
  audit = await startAuditHouse()
  own = new pg.Pool({ connectionString: audit.house.database.urlOf('audit'), max: 6 })
})
afterAll(async () => {
  await own.end()
  await audit.stop()
})

const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS)
const monthOf = (date: Date) => date.toISOString().slice(0, 7).replace('-', '')

async function givenLine(at: Date, db: pg.Client | pg.Pool = audit.admin): Promise<string> {
  const id = randomUUID()
  await db.query(
    `INSERT INTO access_log (at, id, method, route, status, duration_ms, ip, request_id)
     VALUES ($1, $2, 'GET', 'none', 200, 1, '192.0.2.1', 'r')`,
    [at, id],
  )
  return id
}

/** The table that holds a line. */
async function placeOf(id: string, db: pg.Client = audit.admin): Promise<string | undefined> {
  const { rows } = await db.query<{ place: string }>(
    'SELECT tableoid::regclass::text AS place FROM access_log WHERE id = $1',
    [id],
  )
  return rows[0]?.place
}

const givenMonth = (date: Date) =>
  audit.admin.query(`SELECT make_access_partition(date_trunc('month', $1::timestamptz, 'UTC'))`, [date])
const drop = async (days: number) =>
  (await own.query<{ dropped: number }>('SELECT drop_access_partitions($1) AS dropped', [days])).rows[0]!
    .dropped

test('there are partitions of the last month to the third from now', async () => {
  const { rows } = await audit.admin.query<{ name: string }>(
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
  const { database, admin } = await startEmptyDatabase()
  const [older, newer] = [daysAgo(290), daysAgo(200)]
  for (const date of [older, newer])
    await admin.query(`SELECT make_access_partition(date_trunc('month', $1::timestamptz, 'UTC'))`, [date])
  const id = await givenLine(older, admin)
  await givenLine(newer, admin)
  await admin.query('SELECT drop_access_partitions(150)')
  expect(await placeOf(id, admin)).toBe(`access_log_${monthOf(older)}`)
  await givenLine(new Date(), admin)
  await admin.query('SELECT drop_access_partitions(150)')
  expect(await placeOf(id, admin)).toBeUndefined()
  await admin.end()
  await database.drop()
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

test('several work at once while lines are stored and read', async () => {
  const dates = Array.from({ length: 12 }, (_, n) => daysAgo(420 + 31 * n))
  for (const date of dates) await givenMonth(date)
  const work = dates.flatMap(() => [
    own.query('SELECT make_access_partitions()'),
    own.query('SELECT drop_access_partitions(400)'),
    givenLine(new Date(), own),
    own.query('SELECT max(at) FROM access_log'),
  ])
  await Promise.all(work)
  await drop(400)
  const { rows } = await audit.admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_inherits
     WHERE inhparent = 'access_log'::regclass AND inhrelid::regclass::text = ANY($1)`,
    [dates.slice(2).map((date) => `access_log_${monthOf(date)}`)],
  )
  expect(rows).toEqual([{ count: 0 }])
})

test('metrics tell how far the log reaches', async () => {
  const metric = async (name: string) => {
    const text = await (await fetch(`${audit.house.opsUrls.audit}/metrics`)).text()
    return Number(new RegExp(`^${name}{[^}]*} (.*)$`, 'm').exec(text)?.[1])
  }
  await givenMonth(daysAgo(366))
  expect(await metric('audit_access_oldest_days')).toBeGreaterThan(365)
  expect(await metric('audit_access_ahead_days')).toBeGreaterThan(59)
  const before = await metric('audit_access_lines_outside')
  await givenLine(new Date(Date.UTC(1999, 0)))
  await until(async () => (await metric('audit_access_lines_outside')) === before + 1, 'the line outside')
})

const migrationsDir = join(import.meta.dirname, '../prisma/migrations')

/** A database of its own with the migrations up to a name. */
async function startEmptyDatabase(before = '9') {
  const name = `purse_test_${randomUUID().replaceAll('-', '')}`
  const server = new pg.Client({ connectionString: required('TEST_DATABASE_URL') })
  await server.connect()
  await server.query(`CREATE DATABASE ${name}`)
  const url = new URL(required('TEST_DATABASE_URL'))
  url.pathname = name
  const some = mkdtempSync(join(tmpdir(), 'purse-migrations-'))
  for (const folder of readdirSync(migrationsDir))
    if (folder < before) cpSync(join(migrationsDir, folder), join(some, folder), { recursive: true })
  const password = required('TEST_ROLE_PASSWORD')
  const migrate = (dir: string) =>
    migrateService({ adminUrl: url.href, service: 'audit', migrationsDir: dir, password })
  await migrate(some)
  rmSync(some, { recursive: true })
  const admin = new pg.Client({ connectionString: url.href, options: '-c search_path=audit' })
  await admin.connect()
  const drop = async () => {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await server.end()
  }
  return {
    admin,
    database: { drop, ownUrl: serviceUrl(url.href, 'audit', password) },
    migrateAll: () => migrate(migrationsDir),
  }
}

test('a log of before is moved line by line into its months', async () => {
  const { admin, database, migrateAll } = await startEmptyDatabase('20261124200000')
  const dates = [daysAgo(0), daysAgo(70), daysAgo(800), new Date(Date.UTC(2080, 0))]
  const ids: string[] = []
  for (const date of dates) ids.push(await givenLine(date, admin))
  const all = async () => (await admin.query<{ id: string }>('SELECT * FROM access_log ORDER BY at')).rows
  const before = await all()
  await migrateAll()
  expect(await all()).toEqual(before)
  expect(await Promise.all(ids.map((id) => placeOf(id, admin)))).toEqual([
    ...dates.slice(0, 3).map((date) => `access_log_${monthOf(date)}`),
    'access_log_outside',
  ])
  await admin.end()
  await database.drop()
})
