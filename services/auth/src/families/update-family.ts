import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { familyView, getFamilyOf, renameFamily } from './family-store.ts'
import { lockFamily } from './member-store.ts'
import { requireMember } from './require-member.ts'

/** Renames a family. */
export const updateFamily =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'updateFamily'> =>
  ({ params, body, caller, context, idempotency }) =>
    commitOnce(idempotency, 200, async (tx) => {
      await lockFamily(tx, params.id, caller.userId)
      await requireMember(tx, caller, params.id, 'family.update')
      const family = await getFamilyOf(tx, params.id, caller.userId)
      if (family.name !== body.name) {
        const renamed = await renameFamily(tx, family, body.name)
        await emit(tx, { ...originOf(caller, context), familyId: params.id }, [renamed])
      }
      return familyView({ ...family, name: body.name })
    })
