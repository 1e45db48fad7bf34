import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import type { Handler } from '@common-purse/kit/service-app'
import { listMembersOf, memberView } from './member-store.ts'
import { requireMember } from './require-member.ts'

const PAGE_DEFAULT = 50

/** Who is in the family, in the order in which they came. */
export const listMembers =
  ({ db }: { db: Tx }): Handler<'listMembers'> =>
  async ({ params, query, caller }) => {
    await requireMember(db, caller, params.id, 'member.read')
    const cursors = createCursors(`members ${params.id}`, 'uuid')
    const limit = query.limit ?? PAGE_DEFAULT
    const rows = await listMembersOf(db, {
      familyId: params.id,
      after: cursors.decode(query.cursor),
      limit: limit + 1,
    })
    return { body: cursors.page(rows, limit, ({ userId }) => userId, memberView) }
  }
