import * as z from 'zod'
import { pageOf, pageQuery } from './paging.ts'
import { line, Uuid } from './text.ts'

/** A category of spending or earning; `parent_id` names one that has no parent itself. */
export const CreateCategory = z
  .strictObject({ name: line(80), parent_id: Uuid.nullish() })
  .meta({ id: 'CreateCategory', examples: [{ name: 'Food' }] })
export type CreateCategory = z.output<typeof CreateCategory>

/** What is not given stays. An archived category takes no new transactions and keeps its old ones. */
export const UpdateCategory = z
  .strictObject({
    name: line(80).optional(),
    parent_id: Uuid.nullish(),
    archived: z.boolean().optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'Expected at least one field')
  .meta({ id: 'UpdateCategory', examples: [{ name: 'Groceries' }] })
export type UpdateCategory = z.output<typeof UpdateCategory>

export const Category = z
  .object({
    id: z.uuid(),
    name: z.string(),
    parent_id: z.uuid().nullable(),
    archived: z.boolean(),
    created_by: z.uuid(),
    created_at: z.string(),
  })
  .meta({ id: 'Category' })
export type Category = z.output<typeof Category>
export const CategoryPage = pageOf(Category, 'CategoryPage')
export const ListCategories = z.strictObject({ ...pageQuery, archived: z.enum(['true', 'false']).optional() })
export type ListCategories = z.output<typeof ListCategories>
