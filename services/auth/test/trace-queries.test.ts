import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type pg from 'pg'
import { openPool } from '../../../libs/kit/src/database.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { traceFromNowOn, traceWork } from '../../../libs/kit/src/spans.ts'
import { cloneDatabase, type TestDatabase } from '../../../tests/support/test-database.ts'

interface Seen {
  name: string
  attributes: Record<string, unknown>
  status: { code: number }
  spanContext(): { traceId: string }
}

const ended: Seen[] = []
const keep = {
  onStart: () => undefined,
  onEnd: (span: Seen) => void ended.push(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}
const sdk = new NodeSDK({ spanProcessors: [keep], metricReaders: [], logRecordProcessors: [] })
let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  sdk.start()
  traceFromNowOn()
  database = await cloneDatabase()
  pool = openPool(database.urlOf('auth'), createLogger('auth', 'silent'), 1)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
  await sdk.shutdown()
})

const named = (name: string) => ended.filter((span) => span.name === name)
const traceOf = (name: string) => named(name).map((span) => span.spanContext().traceId)

test('a statement that waits for a connection is in the trace of who waits, not of who had it before', async () => {
  await Promise.all([
    traceWork('first', () => pool.query('SELECT email FROM users')),
    traceWork('second', () => pool.query('SELECT name FROM families')),
    traceWork('third', async () => {
      const client = await pool.connect()
      await client.query('SELECT id FROM sessions').finally(() => client.release())
    }),
  ])
  expect(traceOf('SELECT users')).toEqual(traceOf('first'))
  expect(traceOf('SELECT families')).toEqual(traceOf('second'))
  expect(traceOf('SELECT sessions')).toEqual(traceOf('third'))
  expect(new Set(['first', 'second', 'third'].flatMap(traceOf)).size).toBe(3)
})

test('what failed says by its code why, and nothing of what was asked', async () => {
  const asked = traceWork('failing', () => pool.query(`SELECT 'olga@example.org'::int FROM users`))
  await expect(asked).rejects.toThrow()
  expect(named('SELECT users').at(-1)).toMatchObject({
    attributes: { 'db.system.name': 'postgresql', 'error.type': '22P02' },
    status: { code: 2 },
  })
  expect(
    JSON.stringify(ended.map(({ name, attributes, status }) => [name, attributes, status])),
  ).not.toContain('olga')
})

test('what runs for nobody is in no trace', async () => {
  const before = ended.length
  await pool.query('SELECT 1 FROM users')
  expect(ended).toHaveLength(before)
})
