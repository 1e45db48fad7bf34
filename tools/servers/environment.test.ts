import { expect, test } from '@jest/globals'
import { withoutPassword } from './environment.ts'

test('a password never gets onto the terminal', () => {
  expect(withoutPassword('postgresql://purse:secret@db:5432/x')).toBe('postgresql://purse:***@db:5432/x')
  expect(withoutPassword('redis://:secret@cache:6379')).toBe('redis://:***@cache:6379')
})
