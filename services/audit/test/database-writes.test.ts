import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLogger } from '@common-purse/kit/logger'
import { openPool } from '@common-purse/kit/database'
import { createMetrics } from '@common-purse/kit/metrics'
import { watchDatabase } from '@common-purse/kit/watch-database'
import { eventually } from '../../../tests/support/eventually.ts'
import { cloneDatabase, type TestDatabase } from '../../../tests/support/test-database.ts'

let database: TestDatabase
beforeAll(async () => void (database = await cloneDatabase()))
afterAll(() => database.drop())

/** A pool of the service's own role, with what its metrics say. */
function watched(parameters = '') {
  const pool = openPool(database.urlOf('audit') + parameters, createLogger('audit', 'silent'), 2)
  const metrics = createMetrics('audit')
  const { check } = watchDatabase(pool, metrics)
  const read = async (name: string) => {
    const text = await metrics.registry.getSingleMetricAsString(name)
    return [...text.matchAll(/^\w+(?:\{(?:state="(\w+)")?.*\})? (\S+)$/gm)].map(([, state, value]) => [
      state,
      Number(value),
    ])
  }
  return { pool, check, read }
}

test('a database with room takes writes', async () => {
  const { pool, check, read } = watched()
  await check()
  expect(await read('database_writable')).toEqual([[undefined, 1]])
  await pool.end()
})

test('one that only reads says so, to metrics and to readiness, and reads go on', async () => {
  const { pool, check, read } = watched('?options=-c%20default_transaction_read_only%3Don')
  await expect(check()).rejects.toThrow('takes no writes')
  expect(await read('database_writable')).toEqual([[undefined, 0]])
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await pool.end()
})

test('one that is away takes none either', async () => {
  const { pool, read } = watched()
  await pool.end()
  expect(await read('database_writable')).toEqual([[undefined, 0]])
})

test('who uses the pool and who waits is seen', async () => {
  const { pool, read } = watched()
  const [one, other] = [await pool.connect(), await pool.connect()]
  const third = pool.connect()
  await eventually(
    () => read('database_pool_waiting'),
    ([line]) => line?.[1] === 1,
  )
  expect(await read('database_pool_connections')).toEqual([
    ['busy', 2],
    ['idle', 0],
  ])
  expect(await read('database_pool_connections_max')).toEqual([[undefined, 2]])
  one.release()
  other.release()
  ;(await third).release()
  await pool.end()
})
