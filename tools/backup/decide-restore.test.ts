import { expect, test } from '@jest/globals'
import { chooseProgram } from './client-program.ts'
import { unknownMigrations, whatIsThere } from './decide-restore.ts'

test('the program nearest to the server is taken, and none that is older', () => {
  const found = ['18.1', '14.9', '17.2', '15.20'].map((version) => ({ version }))
  expect(chooseProgram(found, 15)).toEqual({ version: '15.20' })
  expect(chooseProgram(found, 16)).toEqual({ version: '17.2' })
  expect(chooseProgram(found, 19)).toBeUndefined()
  expect(chooseProgram([], 15)).toBeUndefined()
})

test('a backup may lack migrations of this release, not the other way round', () => {
  const own = { auth: ['1_init', '2_more'], ledger: ['1_init'], audit: [] }
  expect(unknownMigrations({ auth: ['1_init'], ledger: ['1_init'], audit: [] }, own)).toEqual([])
  expect(
    unknownMigrations({ auth: ['1_init'], ledger: ['1_init', '3_new'], audit: ['1_init'] }, own),
  ).toEqual(['ledger 3_new', 'audit 1_init'])
})

test('a database with anything in it is not empty', () => {
  expect(whatIsThere([{ schema: 'public', relations: 0 }])).toBeUndefined()
  expect(whatIsThere([])).toBeUndefined()
  expect(whatIsThere([{ schema: 'public', relations: 1 }])).toBe('public (1 relation)')
  expect(
    whatIsThere([
      { schema: 'ledger', relations: 0 },
      { schema: 'public', relations: 0 },
    ]),
  ).toBe('ledger (0 relations)')
})
