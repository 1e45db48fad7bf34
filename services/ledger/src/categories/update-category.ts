import { type Category, Problem, type UpdateCategory } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { categoryView } from './category.ts'
import { hasChildren, lockCategories, saveCategory } from './category-store.ts'
import { categoryChanges, decideCategoryChange } from './decide-category.ts'

/** Use-case: renames, moves, archives a category or takes it back into use; what changes nothing leaves no trace. */
export const updateCategory =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    { id, ...command }: UpdateCategory & { id: string },
  ): Promise<Category> => {
    const { familyId } = caller
    const ids = [id, ...(command.parent_id ? [command.parent_id] : [])]
    const locked = await lockCategories(tx, familyId, ids)
    const category = locked.find((found) => found.id === id)
    if (!category) throw new Problem('not_found', 'There is no such category in the family')
    const around = {
      parent: locked.find((found) => found.id === command.parent_id),
      hasChildren: await hasChildren(tx, familyId, id),
    }
    const next = {
      ...decideCategoryChange(category, command, caller, around),
      version: category.version + 1,
    }
    const values = categoryChanges(category, next)
    if (!values) return categoryView(category)
    await saveCategory(tx, familyId, next)
    const change = {
      action: 'category.updated' as const,
      entityType: 'category',
      entityId: id,
      version: next.version,
      ...values,
    }
    await enqueue(tx, [toEvent('ledger', originOf(caller, context), change, now())])
    return categoryView(next)
  }
