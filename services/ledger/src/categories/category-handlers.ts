import type { Handlers } from '@common-purse/kit/service-app'
import type { Change, LedgerParts } from '../ledger-parts.ts'
import { createCategory } from './create-category.ts'
import { listCategories } from './list-categories.ts'
import { updateCategory } from './update-category.ts'

type CategoryRoute = 'createCategory' | 'listCategories' | 'updateCategory'

export function categoryHandlers(
  parts: LedgerParts,
  change: Change,
): Pick<Handlers<'ledger'>, CategoryRoute> {
  const create = createCategory(parts)
  const list = listCategories(parts.prisma)
  const update = updateCategory(parts)
  return {
    createCategory: (incoming) =>
      change(incoming, 201, (tx) => create(tx, incoming.caller, incoming.context, incoming.body)),
    listCategories: async ({ caller, query }) => ({ body: await list(caller, query) }),
    updateCategory: (incoming) =>
      change(incoming, 200, (tx) =>
        update(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
  }
}
