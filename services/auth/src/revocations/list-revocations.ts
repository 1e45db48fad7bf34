import { type DomainEvent, revocationOf, type RevocationPage, revokingTypes } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestHandler } from 'express'
import * as z from 'zod'

const PAGE_MAX = 1_000

const wholeNumber = (digits: number) => z.string().regex(new RegExp(`^[0-9]{1,${digits}}$`))

const Query = z.union([
  z.object({ since: z.iso.datetime(), after: wholeNumber(18).default('0') }),
  z.object({ last: wholeNumber(9) }),
])

/**
 * `GET /revocations?since=…` or `?last=SECONDS` at the internal port: ids and versions of what was revoked since an instant,
 * or in so many seconds by the database's clock, whether the bus has heard of it or not. 400 when neither is given.
 */
export const listRevocations =
  (db: Tx, logger: Logger): RequestHandler =>
  async (req, res) => {
    const query = Query.safeParse(req.query)
    if (!query.success) return void res.status(400).json({ status: 'invalid' })
    try {
      res.set('cache-control', 'no-store').json(await readPage(db, query.data))
    } catch (error) {
      logger.debug({ err: (error as Error).message }, 'The revocations could not be listed')
      throw error
    }
  }

async function readPage(db: Tx, query: z.output<typeof Query>): Promise<RevocationPage> {
  // Before the rows: whoever ends between the two statements is in the rows already.
  const { until, now } = await completeUntil(db)
  const [since, after, seconds] = 'last' in query ? [null, '0', query.last] : [query.since, query.after, '0']
  const rows = await db.query<{ payload: DomainEvent; at: string; seq: string }>(listSql, [
    since,
    after,
    seconds,
  ])
  const last = rows.length === PAGE_MAX ? rows.at(-1)! : undefined
  return {
    items: rows.map(({ payload }) => revocationOf(payload)!),
    until,
    now,
    next: last ? { since: last.at, after: last.seq } : null,
  }
}

const utc = (instant: string) => `to_char((${instant}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const listSql = `
  SELECT payload, ${utc('created_at')} AS at, seq FROM outbox
  WHERE subject IN (${revokingTypes.map((type) => `'${type}'`).join(', ')})
    AND (created_at, seq) >
      (coalesce($1::timestamptz, now() - make_interval(secs => $3::float)), $2::bigint)
  ORDER BY created_at, seq LIMIT ${PAGE_MAX}`

/**
 * Rows carry the time at which their transaction began, and come to sight when it ends: all are in sight that are older than
 * the oldest transaction of ours that still runs. A second is taken off for what lies between a beginning and its being known.
 */
async function completeUntil(db: Tx): Promise<{ until: string; now: string }> {
  const [row] = await db.query<{ until: string; now: string }>(
    `SELECT ${utc("least(clock_timestamp(), min(xact_start)) - interval '1 second'")} AS until,
       ${utc('clock_timestamp()')} AS now
     FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()`,
    [],
  )
  return row!
}
