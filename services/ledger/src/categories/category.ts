import type { Category as CategoryView } from '@common-purse/contracts'

/** A category as the ledger's rules see it. */
export interface LedgerCategory {
  id: string
  name: string
  parentId: string | null
  archived: boolean
  createdBy: string
  createdAt: Date
  version: number
}

export const categoryView = (category: LedgerCategory): CategoryView => ({
  id: category.id,
  name: category.name,
  parent_id: category.parentId,
  archived: category.archived,
  created_by: category.createdBy,
  created_at: category.createdAt.toISOString(),
})
