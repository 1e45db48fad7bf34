import { Problem, type Role, type RunningSession } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import { type Handler, requireAnyPermission } from '@common-purse/kit/service-app'
import { listRunning, type RunningRow } from './running-sessions.ts'

const PAGE_DEFAULT = 50

/** The caller's running sessions in all their families; with `user_id` a member's that work in the caller's family. */
export const listSessions =
  ({ db }: { db: Tx }): Handler<'listSessions'> =>
  async ({ query, caller }) => {
    const { user_id: userId = caller.userId, limit = PAGE_DEFAULT } = query
    const familyId = userId === caller.userId ? undefined : caller.familyId
    if (familyId !== undefined) await requireOverMember(db, caller, userId)
    const cursors = createCursors(`sessions of ${userId}`, 'uuid')
    const before = cursors.decode(query.cursor)
    const rows = await listRunning(db, { userId, familyId, before, limit: limit + 1 })
    return {
      body: cursors.page(
        rows,
        limit,
        ({ id }) => id,
        (row) => toView(row, caller),
      ),
    }
  }

/** Throws `not_found` for somebody who is not in the family, and `permission_denied` for who may not look after others. */
async function requireOverMember(db: Tx, caller: Caller, userId: string): Promise<void> {
  const members = await db.query<{ role: Role }>(
    'SELECT role FROM family_members WHERE family_id = $1::uuid AND user_id = $2::uuid AND removed_at IS NULL',
    [caller.familyId, userId],
  )
  if (members.length === 0) throw new Problem('not_found', 'There is no such member in this family')
  requireAnyPermission(caller.role, ['session.revoke.any'])
}

const toView = (row: RunningRow, caller: Caller): RunningSession => ({
  id: row.id,
  created_at: row.createdAt.toISOString(),
  last_seen_at: row.lastSeenAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  client: row.client,
  user_agent: row.userAgent,
  ip: row.ip,
  current: row.id === caller.sessionId,
})
