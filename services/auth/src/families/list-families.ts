import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import type { Handler } from '@common-purse/kit/service-app'
import { familyView, listFamiliesOf } from './family-store.ts'

const PAGE_DEFAULT = 50

/** The families of the caller, the one joined first at the front. */
export const listFamilies =
  ({ db }: { db: Tx }): Handler<'listFamilies'> =>
  async ({ query, caller }) => {
    const cursors = createCursors(`families ${caller.userId}`, 'uuid')
    const limit = query.limit ?? PAGE_DEFAULT
    const rows = await listFamiliesOf(db, {
      userId: caller.userId,
      after: cursors.decode(query.cursor),
      limit: limit + 1,
    })
    return { body: cursors.page(rows, limit, ({ id }) => id, familyView) }
  }
