import type { StreamName } from '@common-purse/contracts'
import type pg from 'pg'
import type { Bus } from './bus.ts'
import { streamOf } from './decide-refusal.ts'
import { readAll } from './read-all.ts'

/** How far back a bus that has nothing of ours is told again; what is older has long been read by everybody. */
const TELL_AGAIN_MS = 24 * 3_600_000
const AT_ONCE = 5_000
/** What was published last is looked for among the last messages of its stream. */
const ROWS_COMPARED = 200
const MESSAGES_COMPARED = 2_000

interface Row {
  seq: string
  id: string
  subject: string
}

/**
 * Makes unpublished again what the bus had taken and has no more: its stream was made anew with a new disk, or is of an
 * older state, from a backup of its disk or after a power cut. Answers how many events will be sent again; readers drop
 * what they know.
 */
export async function republishLost(pool: pg.Pool, bus: Bus): Promise<number> {
  const { rows: newest } = await pool.query<Row>(
    'SELECT seq, id, subject FROM outbox WHERE published_at IS NOT NULL ORDER BY seq DESC LIMIT $1',
    [ROWS_COMPARED],
  )
  const stream = newest[0] && streamOf(newest[0].subject)
  if (!stream) return 0
  const there = await lastIds(bus, stream)
  const lost = newest.findLast(({ id }) => !there.has(id))
  if (!lost) return 0
  const kept = [...there]
  const after = (await lastKept(pool, kept, lost.seq)) ?? (await lastBefore(pool, await longAgo(bus, stream)))
  return await unmark(pool, { after, upTo: newest[0]!.seq, kept })
}

/** Ids of the events that the stream has as its last ones. */
async function lastIds(bus: Bus, stream: StreamName): Promise<Set<string>> {
  const ids = new Set<string>()
  await readAll(bus, { stream, last: MESSAGES_COMPARED }, (messages) => {
    for (const { text } of messages) {
      const id = /"id":"([0-9a-f-]{36})"/.exec(text)?.[1]
      if (id) ids.add(id)
    }
    return Promise.resolve()
  })
  return ids
}

/** The number of the last row before another one that the stream has. */
async function lastKept(pool: pg.Pool, ids: readonly string[], before: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ seq: string | null }>(
    'SELECT max(seq) AS seq FROM outbox WHERE id = ANY($1::uuid[]) AND seq < $2',
    [ids, before],
  )
  return rows[0]?.seq ?? undefined
}

async function longAgo(bus: Bus, stream: StreamName): Promise<Date> {
  const { created } = await bus.jsm.streams.info(bus.stream(stream))
  return new Date(Date.parse(created) - TELL_AGAIN_MS)
}

async function lastBefore(pool: pg.Pool, instant: Date): Promise<string> {
  const { rows } = await pool.query<{ seq: string }>(
    'SELECT seq FROM outbox WHERE created_at < $1 ORDER BY seq DESC LIMIT 1',
    [instant],
  )
  return rows[0]?.seq ?? '0'
}

interface Lost {
  after: string
  upTo: string
  /** Ids that the stream has. */
  kept: readonly string[]
}

/** A part at a time, so that no statement takes long. */
async function unmark(pool: pg.Pool, { after, upTo, kept }: Lost): Promise<number> {
  const { rows } = await pool.query<{ found: number; changed: number; last: string }>(
    `WITH part AS (
       SELECT seq, id FROM outbox WHERE seq > $1 AND seq <= $2 AND published_at IS NOT NULL
       ORDER BY seq LIMIT ${AT_ONCE}
     ), changed AS (
       UPDATE outbox SET published_at = NULL
       WHERE seq IN (SELECT seq FROM part WHERE id <> ALL ($3::uuid[])) RETURNING 1
     )
     SELECT count(*)::int AS found, max(seq) AS last, (SELECT count(*)::int FROM changed) AS changed FROM part`,
    [after, upTo, kept],
  )
  const { found, changed, last } = rows[0]!
  return found < AT_ONCE ? changed : changed + (await unmark(pool, { after: last, upTo, kept }))
}
