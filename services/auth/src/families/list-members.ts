import type { Handler } from '@common-purse/kit/service-app'
import type { PrismaClient } from '../generated/client.ts'
import { requireMember } from './require-member.ts'
import { type MemberCursor, readMemberCursor, writeMemberCursor } from './member-cursor.ts'
import { prismaTx } from '@common-purse/kit/database'

const PAGE_DEFAULT = 50

const after = (cursor: MemberCursor | undefined) =>
  cursor
    ? {
        OR: [
          { joinedAt: { gt: cursor.joinedAt } },
          { joinedAt: cursor.joinedAt, userId: { gt: cursor.userId } },
        ],
      }
    : {}

/** Who is in the family, in the order in which they came. */
export const listMembers =
  (prisma: PrismaClient): Handler<'listMembers'> =>
  async ({ params, query, caller }) => {
    await requireMember(prismaTx(prisma), caller, params.id, 'member.read')
    const limit = query.limit ?? PAGE_DEFAULT
    const cursor = query.cursor === undefined ? undefined : readMemberCursor(query.cursor)
    const rows = await prisma.familyMember.findMany({
      where: { familyId: params.id, removedAt: null, ...after(cursor) },
      include: { user: { select: { displayName: true } } },
      orderBy: [{ joinedAt: 'asc' }, { userId: 'asc' }],
      take: limit + 1,
    })
    const page = rows.slice(0, limit)
    const items = page.map(({ userId, user, role, joinedAt }) => ({
      user_id: userId,
      display_name: user.displayName,
      role,
      joined_at: joinedAt.toISOString(),
    }))
    return { body: { items, next_cursor: rows.length > limit ? writeMemberCursor(page.at(-1)!) : null } }
  }
