import { hasPermission, type Me, permissions, Problem } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import type { Handler } from '@common-purse/kit/service-app'
import { familyOfUser, listMemberships } from '../families/family-store.ts'
import { findIdentityOf } from '../telegram/telegram-store.ts'
import { findTotp } from '../totp/totp-store.ts'
import { getUser } from './user-store.ts'

/** Who the caller is, the family the token is for, all their families, and what the role allows. */
export const getMe =
  ({ db }: { db: Tx }): Handler<'getMe'> =>
  async ({ caller }) => ({ body: await readMe(db, caller) })

export async function readMe(tx: Tx, caller: Caller): Promise<Me> {
  const families = (await listMemberships(tx, caller.userId)).map(familyOfUser)
  const family = families.find(({ id }) => id === caller.familyId)
  if (!family) throw new Problem('token_revoked', 'You are not a member of this family any more')
  const identity = await findIdentityOf(tx, caller.userId)
  return {
    user: await getUser(tx, caller.userId),
    session_id: caller.sessionId,
    family,
    families,
    permissions: permissions.filter((permission) => hasPermission(family.role, permission)),
    telegram: identity ? { telegram_id: identity.telegramId, username: identity.username } : null,
    totp_enabled: (await findTotp(tx, caller.userId))?.enabled ?? false,
  }
}
