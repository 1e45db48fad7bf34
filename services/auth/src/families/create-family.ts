import { randomUUID } from 'node:crypto'
import { originOf } from '@common-purse/kit/origin'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { getUser } from '../users/user-store.ts'
import { foundFamily } from './found-family.ts'

/** A further family of the caller's. The session stays in its own until it is refreshed with `family_id`. */
export const createFamily =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'createFamily'> =>
  ({ body, caller, context, idempotency }) =>
    commitOnce(idempotency, 201, async (tx) => {
      const now = tx.now()
      const user = await getUser(tx, caller.userId)
      const { membership, events } = await foundFamily(tx, { id: randomUUID(), name: body.name, now }, user)
      await emit(tx, { ...originOf(caller, context), familyId: membership.id }, events, now)
      return { id: membership.id, name: body.name, role: membership.role, created_at: now.toISOString() }
    })
