import { Problem } from '@common-purse/contracts'

/** An opaque `next_cursor` that holds where the page ended. */
export const toCursor = (place: string): string => Buffer.from(place).toString('base64url')

/** Reads a cursor that must hold a place of this shape; throws `invalid_request` that names the field. */
export function readCursor(cursor: string, shape: RegExp): string {
  const place = Buffer.from(cursor, 'base64url').toString()
  if (shape.test(place) && toCursor(place) === cursor) return place
  const message = 'Expected the next_cursor of an earlier page'
  throw new Problem('invalid_request', `cursor: ${message}`, { errors: [{ field: 'cursor', message }] })
}

/** A page from rows of which one more than `limit` was asked for. */
export function toPage<Item>(rows: Item[], limit: number, placeOf: (last: Item) => string) {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next_cursor: rows.length > limit && last !== undefined ? toCursor(placeOf(last)) : null }
}

export const PAGE_DEFAULT = 50
