import { type AuditEvent, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { asTx } from '@common-purse/kit/database'
import type pg from 'pg'
import { type EntryRow, toEntry } from './entry.ts'
import { actorOf } from './actor-of.ts'

/** One entry by its event's id; what one may not see does not exist. */
export const getEntry =
  (pool: pg.Pool) =>
  async (caller: Caller, eventId: string): Promise<AuditEvent> => {
    const [row] = await asTx(pool).query<EntryRow>(
      'SELECT * FROM event_log WHERE event_id = $1 AND family_id = $2 AND ($3::uuid IS NULL OR actor_id = $3)',
      [eventId, caller.familyId, actorOf(caller)],
    )
    if (!row) throw new Problem('not_found', 'There is no such entry in your trail')
    return toEntry(row)
  }
