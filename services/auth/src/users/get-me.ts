import { hasPermission, permissions, Problem } from '@common-purse/contracts'
import type { Handler } from '@common-purse/kit/service-app'
import type { PrismaClient } from '../generated/client.ts'

/** Who the caller is, the family the token is for, all their families, and what the role allows. */
export const getMe =
  (prisma: PrismaClient): Handler<'getMe'> =>
  async ({ caller }) => {
    const user = await prisma.user.findUniqueOrThrow({
      where: { id: caller.userId },
      include: {
        memberships: {
          where: { removedAt: null },
          include: { family: true },
          orderBy: [{ joinedAt: 'asc' }, { familyId: 'asc' }],
        },
        telegram: true,
        totp: true,
      },
    })
    const families = user.memberships.map(({ family, role }) => ({ id: family.id, name: family.name, role }))
    const family = families.find(({ id }) => id === caller.familyId)
    if (!family) throw new Problem('token_revoked', 'You are not a member of this family any more')
    return {
      body: {
        user: { id: user.id, email: user.email, display_name: user.displayName },
        session_id: caller.sessionId,
        family,
        families,
        permissions: permissions.filter((permission) => hasPermission(family.role, permission)),
        telegram: user.telegram && {
          telegram_id: user.telegram.telegramId,
          username: user.telegram.username,
        },
        totp_enabled: user.totp?.enabledAt != null,
      },
    }
  }
