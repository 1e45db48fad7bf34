import { expect, test } from '@jest/globals'
import { purposeOf } from './purpose-of.ts'

test('a file is described by the docstring of what it is named after', () => {
  const text =
    '/** Another thing. */\nconst other = 1\n/**\n * Opens an account. Locks\n * nothing.\n */\nexport function openAccount() {}\n'
  expect(purposeOf('src/open-account.ts', text)).toBe('Opens an account.')
})

test('else by its first docstring, its head or its exports', () => {
  expect(purposeOf('a/x.ts', '/** Keeps {@link Y}. */\nconst y = 1\n')).toBe('Keeps `Y`.')
  expect(purposeOf('a/x.sh', '#!/bin/sh\n# Makes a role.\nset -eu\n')).toBe('Makes a role.')
  expect(purposeOf('a/x.ts', "import y from 'y'\nexport const one = 1\n")).toBe('Exports `one`.')
  expect(purposeOf('a/x.ts', 'run()\n')).toBeUndefined()
  expect(purposeOf('a/main.ts', 'run()\n')).toContain('process')
})

test('a test is described by the first thing that it says', () => {
  expect(purposeOf('a/x.test.ts', "test('refuses to overdraw', () => {})")).toBe('refuses to overdraw')
  expect(purposeOf('a/x.test.ts', "test.each([1])('%s', () => {})")).toBe('Tests of `x`.')
})
