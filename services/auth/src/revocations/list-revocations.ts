import { type DomainEvent, revocationOf, type RevocationPage, revokingTypes } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestHandler } from 'express'
import * as z from 'zod'

const PAGE_MAX = 1_000

const Query = z.object({
  since: z.iso.datetime(),
  after: z
    .string()
    .regex(/^[0-9]{1,18}$/)
    .default('0'),
})

/**
 * `GET /revocations?since=…` at the internal port: ids and versions of what was revoked since an instant, whether the bus
 * has heard of it or not. 400 when `since` is no instant.
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

async function readPage(db: Tx, { since, after }: z.output<typeof Query>): Promise<RevocationPage> {
  // Before the rows: whoever ends between the two statements is in the rows already.
  const until = await completeUntil(db)
  const rows = await db.query<{ payload: DomainEvent; at: string; seq: string }>(listSql, [since, after])
  const last = rows.length === PAGE_MAX ? rows.at(-1)! : undefined
  return {
    items: rows.map(({ payload }) => revocationOf(payload)!),
    until,
    next: last ? { since: last.at, after: last.seq } : null,
  }
}

const utc = (instant: string) => `to_char((${instant}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const listSql = `
  SELECT payload, ${utc('created_at')} AS at, seq FROM outbox
  WHERE subject IN (${revokingTypes.map((type) => `'${type}'`).join(', ')})
    AND (created_at, seq) > ($1::timestamptz, $2::bigint)
  ORDER BY created_at, seq LIMIT ${PAGE_MAX}`

/**
 * Rows carry the time at which their transaction began, and come to sight when it ends: all are in sight that are older than
 * the oldest transaction of ours that still runs. A second is taken off for what lies between a beginning and its being known.
 */
async function completeUntil(db: Tx): Promise<string> {
  const [row] = await db.query<{ until: string }>(
    `SELECT ${utc("least(clock_timestamp(), min(xact_start)) - interval '1 second'")} AS until
     FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()`,
    [],
  )
  return row!.until
}
