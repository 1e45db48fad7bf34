import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Problem } from '@common-purse/contracts'
import { createCursors, type Cursors } from './paging.ts'

/** Reads a whole list by its pages, as a client does. */
function readAll(cursors: Cursors, positions: string[], limit: number): string[] {
  const read: string[] = []
  let cursor: string | undefined
  do {
    const position = cursors.decode(cursor)
    const from = position === undefined ? 0 : positions.indexOf(position) + 1
    const page = cursors.page(
      positions.slice(from, from + limit + 1),
      limit,
      (row) => row,
      (row) => row,
    )
    expect(page.items.length).toBeLessThanOrEqual(limit)
    read.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return read
}

const shapes = {
  uuid: fc.uuid(),
  seq: fc.bigInt(1n, 10n ** 18n - 1n).map(String),
} as const
const shape = fc.constantFrom<keyof typeof shapes>('uuid', 'seq')

const cursorOf = (cursors: Cursors, position: string): string =>
  cursors.page(
    [position, 'more'],
    1,
    (row) => row,
    (row) => row,
  ).next_cursor!

const refused = (cursors: Cursors, cursor: string): boolean => {
  try {
    cursors.decode(cursor)
    return false
  } catch (error) {
    return error instanceof Problem && error.extras.errors?.[0]?.field === 'cursor'
  }
}

describe('whatever the list', () => {
  const list = shape.chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      name: fc.string(),
      positions: fc.uniqueArray(shapes[kind], { maxLength: 40 }),
      limit: fc.integer({ min: 1, max: 10 }),
    }),
  )

  test('its pages are all of it, once and in order', () => {
    fc.assert(
      fc.property(list, ({ kind, name, positions, limit }) => {
        expect(readAll(createCursors(name, kind), positions, limit)).toEqual(positions)
      }),
    )
  })

  test('another list refuses its cursors', () => {
    const two = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 })
    fc.assert(
      fc.property(two, shapes.uuid, ([name, other], position) => {
        const cursor = cursorOf(createCursors(name!, 'uuid'), position)
        expect(createCursors(name!, 'uuid').decode(cursor)).toBe(position)
        expect(refused(createCursors(other!, 'uuid'), cursor)).toBe(true)
      }),
    )
  })

  test('a cursor with another character anywhere is refused', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. '
    fc.assert(
      fc.property(
        shapes.uuid,
        fc.nat(),
        fc.constantFrom(...letters),
        fc.constantFrom(0, 1),
        (position, at, letter, replaced) => {
          const cursors = createCursors('things', 'uuid')
          const good = cursorOf(cursors, position)
          const n = at % good.length
          const changed = good.slice(0, n) + letter + good.slice(n + replaced)
          fc.pre(changed !== good)
          expect(refused(cursors, changed)).toBe(true)
        },
      ),
    )
  })

  test('anything else is refused', () => {
    fc.assert(
      fc.property(shape, fc.string({ unit: 'binary' }), (kind, text) => {
        expect(refused(createCursors('things', kind), text)).toBe(true)
      }),
    )
  })
})
