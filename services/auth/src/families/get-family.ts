import type { Tx } from '@common-purse/kit/database'
import type { Handler } from '@common-purse/kit/service-app'
import { familyView, getFamilyOf } from './family-store.ts'
import { requireMember } from './require-member.ts'

/** One of the caller's families. */
export const getFamily =
  ({ db }: { db: Tx }): Handler<'getFamily'> =>
  async ({ params, caller }) => {
    await requireMember(db, caller, params.id, 'family.read')
    return { body: familyView(await getFamilyOf(db, params.id, caller.userId)) }
  }
