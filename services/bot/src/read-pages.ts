interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

/** What asks for a page: as many as a page holds, from the cursor on. */
export type PageQuery = { limit: '100'; cursor?: string }

/** Every item of a list of the API, up to so many pages of a hundred. */
export async function readPages<Item>(
  fetch: (query: PageQuery) => Promise<Page<Item>>,
  pagesMax: number,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const answer = await fetch({ limit: '100', ...(cursor === undefined ? {} : { cursor }) })
    items.push(...answer.items)
    if (answer.next_cursor === null) break
    cursor = answer.next_cursor
  }
  return items
}
