import { type AuditEvent, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { PrismaClient } from '../generated/client.ts'
import { fromColumn } from './action-column.ts'
import { toEntry } from './entry.ts'
import { visibleTo } from './visible-to.ts'

/** One entry by its event's id; what one may not see does not exist. */
export const getEntry =
  (prisma: PrismaClient) =>
  async (caller: Caller, eventId: string): Promise<AuditEvent> => {
    const row = await prisma.eventLog.findFirst({ where: { event_id: eventId, ...visibleTo(caller) } })
    if (!row) throw new Problem('not_found', 'There is no such entry in your trail')
    return toEntry({ ...row, action: fromColumn(row.action) })
  }
