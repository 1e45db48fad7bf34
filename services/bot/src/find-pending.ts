/** Fewer characters of an id would be a guess. */
const idStart = /^[0-9a-f][0-9a-f-]{7,35}$/

/** Pure: what somebody means by a number of the list they were shown last, or by the beginning of an id. */
export function findPending(
  word: string,
  { ids, numbered }: { ids: readonly string[]; numbered: readonly string[] },
): { id: string } | 'none' | 'several' {
  if (/^\d{1,2}$/.test(word)) {
    const id = numbered[Number(word) - 1]
    return id === undefined ? 'none' : { id }
  }
  const start = word.toLowerCase()
  const found = idStart.test(start) ? ids.filter((id) => id.startsWith(start)) : []
  if (found.length > 1) return 'several'
  return found[0] === undefined ? 'none' : { id: found[0] }
}
