import type { ListAuditEvents } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { PAGE_DEFAULT, readCursor, toPage } from '../cursor.ts'
import type { PrismaClient } from '../generated/client.ts'
import { toEntry } from './entry.ts'
import { fromColumn, toColumn } from './action-column.ts'
import { visibleTo } from './visible-to.ts'

/** A page of the trail, newest first; entries that arrive meanwhile move nothing. */
export const listEntries = (prisma: PrismaClient) => async (caller: Caller, query: ListAuditEvents) => {
  const limit = query.limit ?? PAGE_DEFAULT
  const rows = await prisma.eventLog.findMany({
    where: { AND: [visibleTo(caller), filtersOf(query)] },
    orderBy: { seq: 'desc' },
    take: limit + 1,
  })
  const entries = rows.map((row) => toEntry({ ...row, action: fromColumn(row.action) }))
  return toPage(entries, limit, ({ seq }) => String(seq))
}

function filtersOf(query: ListAuditEvents) {
  const { cursor, actor_id, action, entity_type, entity_id, from, to } = query
  return {
    ...(cursor === undefined ? {} : { seq: { lt: BigInt(readCursor(cursor, /^[1-9][0-9]{0,15}$/)) } }),
    ...(actor_id === undefined ? {} : { actor_id }),
    ...(action === undefined ? {} : { action: toColumn(action) }),
    ...(entity_type === undefined ? {} : { entity_type }),
    ...(entity_id === undefined ? {} : { entity_id }),
    occurred_at: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lt: new Date(to) }),
    },
  }
}
