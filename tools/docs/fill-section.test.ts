import { expect, test } from '@jest/globals'
import { fillSection, table } from './fill-section.ts'

const page = 'before\n\n<!-- generated: codes -->\n\nold\n\n<!-- end: codes -->\n\nafter\n'

test('only what stands between the marks is replaced', () => {
  const filled = fillSection(page, 'codes', 'new')
  expect(filled).toBe(page.replace('old', 'new'))
  expect(fillSection(filled, 'codes', 'new')).toBe(filled)
})

test('a page without the marks is refused', () => {
  expect(() => fillSection(page, 'roles', 'new')).toThrow('"roles"')
})

test('a bar in a cell does not end it', () => {
  expect(table(['a', 'b'], [['x|y', 'z']])).toBe('| a | b |\n| --- | --- |\n| x\\|y | z |')
})
