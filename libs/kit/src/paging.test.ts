import { describe, expect, test } from '@jest/globals'
import { createCursors } from './paging.ts'

const id = '0197a5a0-0000-7000-8000-000000000001'
const cursors = createCursors('things of a family', 'uuid')
const cursorOf = (position: string, of = cursors) =>
  of.page(
    [1, 2],
    1,
    () => position,
    (row) => row,
  ).next_cursor!

const refusal = (cursor: string, of = cursors) => {
  try {
    return of.decode(cursor)
  } catch (error) {
    return (error as { extras: { errors: unknown } }).extras.errors
  }
}
const named = [expect.objectContaining({ field: 'cursor' })]

describe('cursors', () => {
  test('lead back to the position of the last row shown', () => {
    expect(cursors.decode(cursorOf(id))).toBe(id)
    const counted = createCursors('lines', 'seq')
    expect(counted.decode(cursorOf('900719925474099312', counted))).toBe('900719925474099312')
    const dated = createCursors('requests', 'moment')
    expect(dated.decode(cursorOf(`1767225600000 ${id}`, dated))).toBe(`1767225600000 ${id}`)
    expect(cursors.decode(undefined)).toBeUndefined()
  })

  test('end with the list', () => {
    const page = cursors.page(
      [1, 2],
      2,
      () => id,
      (row) => row,
    )
    expect(page).toEqual({ items: [1, 2], next_cursor: null })
  })

  test('cut, changed, made up or of another list are refused', () => {
    const good = cursorOf(id)
    for (const bad of [good.slice(0, -1), `${good}A`, good.toLowerCase(), 'AAAA', id, '_', 'x'.repeat(512)])
      expect({ bad, errors: refusal(bad) }).toEqual({ bad, errors: named })
    expect(refusal(good, createCursors('things of another', 'uuid'))).toEqual(named)
    expect(refusal(cursorOf('12', createCursors('things of a family', 'seq')))).toEqual(named)
    expect(
      refusal(cursorOf('9'.repeat(19), createCursors('lines', 'seq')), createCursors('lines', 'seq')),
    ).toEqual(named)
  })
})
