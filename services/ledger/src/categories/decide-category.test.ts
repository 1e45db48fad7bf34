import { describe, expect, test } from '@jest/globals'
import type { LedgerCategory } from './category.ts'
import { categoryChanges, decideCategory, decideCategoryChange } from './decide-category.ts'

const now = new Date('2026-05-01T12:00:00Z')
const category = (id: string, more: Partial<LedgerCategory> = {}): LedgerCategory => ({
  id,
  name: id,
  parentId: null,
  archived: false,
  createdBy: 'ann',
  createdAt: now,
  version: 1,
  ...more,
})
const ann = { userId: 'ann', role: 'owner' as const }
const code = (expected: string) => expect.objectContaining({ code: expected })
const unfit: [string, LedgerCategory | undefined][] = [
  ['is not there', undefined],
  ['is below another', category('food', { parentId: 'home' })],
  ['is archived', category('food', { archived: true })],
]

describe('a new category', () => {
  test('stands at the top or below one at the top', () => {
    const made = { id: 'bread', createdBy: 'ann', now }
    expect(decideCategory({ name: 'bread' }, made, undefined)).toEqual(category('bread'))
    expect(decideCategory({ name: 'bread', parent_id: 'food' }, made, category('food'))).toEqual(
      category('bread', { parentId: 'food' }),
    )
  })
  test.each(unfit)('is refused below one that %s', (_name, parent) => {
    const made = { id: 'bread', createdBy: 'ann', now }
    expect(() => decideCategory({ name: 'bread', parent_id: 'food' }, made, parent)).toThrow(
      code('invalid_request'),
    )
  })
})

describe('a change of a category', () => {
  const bread = category('bread')
  const around = (parent?: LedgerCategory, hasChildren = false) => ({ parent, hasChildren })

  test('keeps what is not given', () => {
    const below = category('bread', { parentId: 'food' })
    expect(decideCategoryChange(below, { name: 'rolls' }, ann, around())).toEqual({ ...below, name: 'rolls' })
    expect(decideCategoryChange(below, { parent_id: null }, ann, around())).toEqual(bread)
    expect(decideCategoryChange(bread, { archived: true }, ann, around(undefined, true))).toEqual({
      ...bread,
      archived: true,
    })
    // Where it stands already is not asked again: the one above may have been archived since.
    expect(decideCategoryChange(below, { parent_id: 'food' }, ann, around())).toEqual(below)
  })

  test.each(unfit)('is refused below one that %s', (_name, parent) => {
    expect(() => decideCategoryChange(bread, { parent_id: 'food' }, ann, around(parent))).toThrow(
      code('invalid_request'),
    )
  })

  test('is refused below itself, and to one that has others below it', () => {
    for (const [id, hasChildren] of [
      ['bread', false],
      ['food', true],
    ] as const)
      expect(() =>
        decideCategoryChange(bread, { parent_id: id }, ann, around(category(id), hasChildren)),
      ).toThrow(code('invalid_request'))
  })

  test('is a member’s on what they made', () => {
    const kim = { userId: 'kim', role: 'member' as const }
    const own = category('hobby', { createdBy: 'kim' })
    expect(decideCategoryChange(own, { name: 'x' }, kim, around())).toMatchObject({ name: 'x' })
    expect(() => decideCategoryChange(bread, { name: 'x' }, kim, around())).toThrow(code('permission_denied'))
  })

  test('is told field by field', () => {
    expect(categoryChanges(bread, { ...bread, version: 2 })).toBeUndefined()
    expect(categoryChanges(bread, { ...bread, archived: true, parentId: 'food' })).toEqual({
      oldValues: { archived: false, parent_id: null },
      newValues: { archived: true, parent_id: 'food' },
    })
  })
})
