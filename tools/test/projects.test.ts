import { expect, test } from '@jest/globals'
import { selectedProjects, withUsualProjects } from './projects.ts'

test.each([
  [
    ['--selectProjects', 'unit', 'browser', '--bail'],
    ['unit', 'browser'],
  ],
  [['--selectProjects=browser', '-t', 'phone'], ['browser']],
  [['ledger', '-t', 'unit'], []],
])('the projects named in %j', (args, names) => expect(selectedProjects(args)).toEqual(names))

test('what wants other programs or more time runs only when it is named', () => {
  expect(withUsualProjects(['ledger'])).toEqual([
    'ledger',
    '--ignoreProjects',
    'browser',
    'examples',
    'attacks',
  ])
  expect(withUsualProjects(['--selectProjects', 'browser'])).toEqual(['--selectProjects', 'browser'])
})
