import type { ListAuditEvents } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { asTx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import type pg from 'pg'
import { type EntryRow, toEntry } from './entry.ts'
import { actorOf } from './actor-of.ts'

export const PAGE_DEFAULT = 50

/** A page of the trail, newest first; entries that arrive meanwhile move nothing. */
export const listEntries = (pool: pg.Pool) => async (caller: Caller, query: ListAuditEvents) => {
  const limit = query.limit ?? PAGE_DEFAULT
  const cursors = createCursors(`trail ${caller.familyId}`, 'seq')
  const before = cursors.decode(query.cursor)
  const rows = await findPage(pool, caller, { ...query, before, count: limit + 1 })
  return cursors.page(rows, limit, ({ seq }) => String(seq), toEntry)
}

const instant = (text: string | undefined) => (text === undefined ? null : new Date(text))

/** Read as the verification reads it: also what no service could have written is shown. */
const findPage = (
  pool: pg.Pool,
  caller: Caller,
  query: ListAuditEvents & { before: string | undefined; count: number },
): Promise<EntryRow[]> =>
  asTx(pool).query<EntryRow>(
    `SELECT * FROM event_log
     WHERE family_id = $1 AND ($2::uuid IS NULL OR actor_id = $2) AND ($3::bigint IS NULL OR seq < $3)
       AND ($4::uuid IS NULL OR actor_id = $4) AND ($5::text IS NULL OR action::text = $5)
       AND ($6::text IS NULL OR entity_type = $6) AND ($7::text IS NULL OR entity_id = $7)
       AND ($8::timestamptz IS NULL OR occurred_at >= $8) AND ($9::timestamptz IS NULL OR occurred_at < $9)
     ORDER BY seq DESC LIMIT $10`,
    [
      caller.familyId,
      actorOf(caller),
      query.before ?? null,
      query.actor_id ?? null,
      query.action ?? null,
      query.entity_type ?? null,
      query.entity_id ?? null,
      instant(query.from),
      instant(query.to),
      query.count,
    ],
  )
