import { createHash } from 'node:crypto'
import { Problem } from '@common-purse/contracts'

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
/** The last row of a page is named by a UUID, by a number that the database counts, or by milliseconds and a UUID. */
const positionShapes = {
  uuid: new RegExp(`^${uuid}$`),
  seq: /^[1-9][0-9]{0,17}$/,
  moment: new RegExp(`^[0-9]{1,15} ${uuid}$`),
} as const

export interface Cursors {
  /** The position behind a cursor; throws `invalid_request` naming `cursor` for one that no page of this list gave. */
  decode(cursor: string | undefined): string | undefined
  /** A page of at most `limit` of the rows; a row more than that tells that there is a next page. */
  page<Row, Item>(
    rows: Row[],
    limit: number,
    positionOf: (row: Row) => string,
    toItem: (row: Row) => Item,
  ): { items: Item[]; next_cursor: string | null }
}

/**
 * The cursors of one list of one family (or one account): what belongs to another list, is cut or is made up is refused.
 * They hold no secret, only a position and a checksum over it and the list's name.
 */
export function createCursors(list: string, shape: keyof typeof positionShapes): Cursors {
  const encode = (position: string) => {
    const check = createHash('sha256').update(`${list}\n${position}`).digest('base64url').slice(0, 8)
    return Buffer.from(`${position}.${check}`).toString('base64url')
  }
  return {
    decode: (cursor) => {
      if (cursor === undefined) return undefined
      const [position = ''] = Buffer.from(cursor, 'base64url').toString().split('.')
      if (positionShapes[shape].test(position) && encode(position) === cursor) return position
      const message = 'Expected the next_cursor of the page before, of the same list'
      throw new Problem('invalid_request', message, { errors: [{ field: 'cursor', message }] })
    },
    page: (rows, limit, positionOf, toItem) => {
      const shown = rows.slice(0, limit)
      const last = rows.length > limit ? shown.at(-1) : undefined
      return { items: shown.map(toItem), next_cursor: last === undefined ? null : encode(positionOf(last)) }
    },
  }
}
