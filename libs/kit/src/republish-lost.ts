import type pg from 'pg'
import type { Bus } from './bus.ts'
import { streamOf } from './decide-refusal.ts'

/** How far back a bus that lost everything is told again; what is older has long been read by everybody. */
const TELL_AGAIN_MS = 24 * 3_600_000
/** The clocks of the database and of the bus may differ by so much. */
const CLOCKS_DIFFER_MS = 60_000
const AT_ONCE = 5_000

/**
 * Makes unpublished again what went to a stream that is gone: one was there before the one that is there now, which a bus
 * that lost its disk has made anew. Answers how many events will be sent again; readers drop what they know.
 */
export async function republishLost(pool: pg.Pool, bus: Bus): Promise<number> {
  const { rows } = await pool.query<{ subject: string; at: Date }>(
    'SELECT subject, published_at AS at FROM outbox WHERE published_at IS NOT NULL ORDER BY seq DESC LIMIT 1',
  )
  const newest = rows[0]
  const stream = newest && streamOf(newest.subject)
  if (!stream) return 0
  const { created } = await bus.jsm.streams.info(bus.stream(stream))
  const born = Date.parse(created)
  const before = new Date(born + CLOCKS_DIFFER_MS)
  if (newest.at > before) return 0 // this stream has been published to: it was made good then
  return unmark(pool, await lastBefore(pool, new Date(born - TELL_AGAIN_MS)), before)
}

async function lastBefore(pool: pg.Pool, instant: Date): Promise<string> {
  const { rows } = await pool.query<{ seq: string }>(
    'SELECT seq FROM outbox WHERE created_at < $1 ORDER BY seq DESC LIMIT 1',
    [instant],
  )
  return rows[0]?.seq ?? '0'
}

/** A part at a time, so that no statement takes long. */
async function unmark(pool: pg.Pool, after: string, publishedBefore: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number; last: string }>(
    `WITH part AS (
       SELECT seq FROM outbox WHERE seq > $1 AND published_at < $2 ORDER BY seq LIMIT ${AT_ONCE}
     ), changed AS (
       UPDATE outbox SET published_at = NULL WHERE seq IN (SELECT seq FROM part)
     )
     SELECT count(*)::int AS count, max(seq) AS last FROM part`,
    [after, publishedBefore],
  )
  const { count, last } = rows[0]!
  return count < AT_ONCE ? count : count + (await unmark(pool, last, publishedBefore))
}
