import { describe, expect, test } from '@jest/globals'
import { needsServers } from './needs-servers.ts'

describe('needsServers', () => {
  test.each([
    [],
    ['ledger'],
    ['--selectProjects', 'component'],
    ['--selectProjects', 'unit', 'system'],
    ['-t', 'unit'],
  ])('starts servers for %j', (...args: string[]) => expect(needsServers(args)).toBe(true))

  test.each([
    ['--selectProjects', 'unit'],
    ['--selectProjects=unit', '--bail'],
    ['--selectProjects', 'unit', '--verbose'],
    ['--listTests'],
  ])('starts none for %j', (...args: string[]) => expect(needsServers(args)).toBe(false))
})
