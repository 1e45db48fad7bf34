import { Problem } from '@common-purse/contracts'

/** Opaque to clients: where the next page starts. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url')

const positionShape = /^[0-9a-f-]{1,36}$/

/** The position behind a cursor; throws `invalid_request` for one that no page gave. */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const position = Buffer.from(cursor, 'base64url').toString()
  if (positionShape.test(position) && encodeCursor(position) === cursor) return position
  const message = 'Expected the next_cursor of the page before'
  throw new Problem('invalid_request', message, { errors: [{ field: 'cursor', message }] })
}

/** A page of at most `limit` of the rows; a row more than that tells that there is a next page. */
export const pageFrom = <Row, Item>(
  rows: Row[],
  limit: number,
  positionOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } => {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(toItem), next_cursor: last === undefined ? null : encodeCursor(positionOf(last)) }
}
