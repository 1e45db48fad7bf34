import type { Caller } from '@common-purse/kit/caller'
import { PAGE_DEFAULT, readCursor, toPage } from '../cursor.ts'
import type { PrismaClient } from '../generated/client.ts'

const place = /^[0-9]{1,15} [0-9a-f-]{36}$/

/** A page of the family's requests, newest first. */
export const listAccessLines =
  (prisma: PrismaClient) =>
  async (caller: Caller, query: { cursor?: string | undefined; limit?: number | undefined }) => {
    const limit = query.limit ?? PAGE_DEFAULT
    const rows = await prisma.accessLog.findMany({
      where: { family_id: caller.familyId, ...(query.cursor === undefined ? {} : before(query.cursor)) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      omit: { family_id: true },
    })
    const page = toPage(rows, limit, ({ at, id }) => `${at.getTime()} ${id}`)
    return { ...page, items: page.items.map((line) => ({ ...line, at: line.at.toISOString() })) }
  }

function before(cursor: string) {
  const [time, id] = readCursor(cursor, place).split(' ')
  const at = new Date(Number(time))
  // The first condition says nothing new, but it is one that the index and the partitions can be searched by.
  return { at: { lte: at }, OR: [{ at: { lt: at } }, { at, id: { lt: id! } }] }
}
