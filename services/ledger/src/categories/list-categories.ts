import type { Category, ListCategories } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { createCursors } from '@common-purse/kit/paging'
import type { PrismaClient } from '../generated/client.ts'
import { categoryView } from './category.ts'

/** The family's categories in the order they were made; `archived` keeps only those that are, or are not. */
export const listCategories =
  (prisma: PrismaClient) =>
  async (
    { familyId }: Caller,
    query: ListCategories,
  ): Promise<{ items: Category[]; next_cursor: string | null }> => {
    const limit = query.limit ?? 50
    const cursors = createCursors(`categories of ${familyId}`, 'uuid')
    const after = cursors.decode(query.cursor)
    const rows = await prisma.category.findMany({
      where: {
        familyId,
        ...(query.archived === undefined ? {} : { archived: query.archived === 'true' }),
        ...(after ? { id: { gt: after } } : {}),
      },
      orderBy: { id: 'asc' },
      take: limit + 1,
    })
    return cursors.page(rows, limit, ({ id }) => id, categoryView)
  }
