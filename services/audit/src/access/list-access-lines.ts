import type { Caller } from '@common-purse/kit/caller'
import { createCursors } from '@common-purse/kit/paging'
import { PAGE_DEFAULT } from '../entries/list-entries.ts'
import type { PrismaClient } from '../generated/client.ts'

/** A page of the family's requests, newest first. */
export const listAccessLines =
  (prisma: PrismaClient) =>
  async (caller: Caller, query: { cursor?: string | undefined; limit?: number | undefined }) => {
    const limit = query.limit ?? PAGE_DEFAULT
    const cursors = createCursors(`requests ${caller.familyId}`, 'moment')
    const last = cursors.decode(query.cursor)
    const rows = await prisma.accessLog.findMany({
      where: { family_id: caller.familyId, ...(last === undefined ? {} : before(last)) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      omit: { family_id: true },
    })
    return cursors.page(
      rows,
      limit,
      ({ at, id }) => `${at.getTime()} ${id}`,
      (line) => ({ ...line, at: line.at.toISOString() }),
    )
  }

function before(last: string) {
  const [time, id] = last.split(' ')
  const at = new Date(Number(time))
  // The first condition says nothing new, but it is one that the index and the partitions can be searched by.
  return { at: { lte: at }, OR: [{ at: { lt: at } }, { at, id: { lt: id! } }] }
}
