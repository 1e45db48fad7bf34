import type { Category, CreateCategory } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { requireRoom } from '../require-room.ts'
import { categoryView } from './category.ts'
import { insertCategory, keepCategory } from './category-store.ts'
import { decideCategory } from './decide-category.ts'

/** Use-case: a category at the top, or below one at the top. */
export const createCategory =
  ({ now, newId }: Clock) =>
  async (tx: Tx, caller: Caller, context: RequestContext, command: CreateCategory): Promise<Category> => {
    const { familyId, userId } = caller
    const parent = command.parent_id ? await keepCategory(tx, familyId, command.parent_id) : undefined
    const category = decideCategory(command, { id: newId(), createdBy: userId, now: now() }, parent)
    await requireRoom(tx, familyId, 'categories')
    await insertCategory(tx, familyId, category)
    const change = {
      action: 'category.created' as const,
      entityType: 'category',
      entityId: category.id,
      version: category.version,
      newValues: { ...categoryView(category) },
    }
    await enqueue(tx, [toEvent('ledger', originOf(caller, context), change, category.createdAt)])
    return categoryView(category)
  }
