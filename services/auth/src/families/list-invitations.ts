import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import type { Handler } from '@common-purse/kit/service-app'
import { listOpenInvitations } from './invitation-store.ts'
import { requireMember } from './require-member.ts'

const PAGE_DEFAULT = 50

/** Invitations that can still be used, newest first. */
export const listInvitations =
  ({ db }: { db: Tx }): Handler<'listInvitations'> =>
  async ({ params, query, caller }) => {
    await requireMember(db, caller, params.id, 'member.invite')
    const cursors = createCursors(`invitations ${params.id}`, 'uuid')
    const limit = query.limit ?? PAGE_DEFAULT
    const rows = await listOpenInvitations(db, {
      familyId: params.id,
      before: cursors.decode(query.cursor),
      limit: limit + 1,
    })
    return {
      body: cursors.page(
        rows,
        limit,
        ({ id }) => id,
        ({ id, role, email, createdBy, createdAt, expiresAt }) => ({
          id,
          role,
          email,
          created_by: createdBy,
          created_at: createdAt.toISOString(),
          expires_at: expiresAt.toISOString(),
        }),
      ),
    }
  }
