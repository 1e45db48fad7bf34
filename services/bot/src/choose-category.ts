import type { Category } from '@common-purse/contracts'
import type { Api, Signed } from './api.ts'
import { readPages } from './read-pages.ts'

const PAGES_MAX = 5

/** The categories of a family that still take entries. */
export const listCategories = (api: Api, session: Signed): Promise<Category[]> =>
  readPages(
    (query) => api.as(session, 'listCategories', { query: { ...query, archived: 'false' } }),
    PAGES_MAX,
  )

const plain = (name: string) => name.toLocaleLowerCase('en').replaceAll(/[\s_-]+/g, '')

/** Pure: the category of that name, or the only one whose name begins so. */
export function chooseCategory<Named extends { name: string }>(
  categories: readonly Named[],
  wanted: string,
): Named | undefined {
  const exact = categories.filter(({ name }) => plain(name) === plain(wanted))
  const begun = categories.filter(({ name }) => plain(name).startsWith(plain(wanted)))
  const fitting = exact.length > 0 ? exact : begun
  return fitting.length === 1 ? fitting[0] : undefined
}
