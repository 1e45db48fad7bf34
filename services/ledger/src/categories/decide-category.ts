import type { CreateCategory, UpdateCategory } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import { type ChangedFields, changedFields } from '../changed-fields.ts'
import { requireReach } from '../require-reach.ts'
import { wrongField } from '../wrong-field.ts'
import { categoryView, type LedgerCategory } from './category.ts'

/** Pure: throws unless this can be the parent of another: in the family, at the top, not archived. */
function requireParent(parent: LedgerCategory | undefined): void {
  if (!parent) throw wrongField('parent_id', 'There is no such category in the family')
  if (parent.parentId !== null)
    throw wrongField('parent_id', `${parent.name} is below another one; expected one at the top`)
  if (parent.archived) throw wrongField('parent_id', `${parent.name} is archived`)
}

/** Pure: the new category; `parent` is the one that the command names, as far as the family has it. */
export function decideCategory(
  command: CreateCategory,
  { id, createdBy, now }: { id: string; createdBy: string; now: Date },
  parent: LedgerCategory | undefined,
): LedgerCategory {
  const parentId = command.parent_id ?? null
  if (parentId !== null) requireParent(parent)
  return { id, name: command.name, parentId, archived: false, createdBy, createdAt: now, version: 1 }
}

/** Pure: the category as it will be; throws a Problem when the caller may not change it so. */
export function decideCategoryChange(
  category: LedgerCategory,
  command: UpdateCategory,
  caller: Pick<Caller, 'userId' | 'role'>,
  around: { parent: LedgerCategory | undefined; hasChildren: boolean },
): LedgerCategory {
  requireReach(caller.role, 'category.manage', category.createdBy === caller.userId)
  const { parent_id: parentId = category.parentId } = command
  if (parentId !== null && parentId !== category.parentId) {
    if (parentId === category.id) throw wrongField('parent_id', 'Expected another category than itself')
    requireParent(around.parent)
    if (around.hasChildren)
      throw wrongField('parent_id', `${category.name} has categories below it and stays at the top`)
  }
  return {
    ...category,
    name: command.name ?? category.name,
    parentId,
    archived: command.archived ?? category.archived,
  }
}

const fields = ['name', 'parent_id', 'archived'] as const

/** Pure: what the trail tells of a change, as the API shows it; undefined when nothing changed. */
export const categoryChanges = (before: LedgerCategory, after: LedgerCategory): ChangedFields | undefined =>
  changedFields(categoryView(before), categoryView(after), fields)
