import { Problem, type Role, roles } from '@common-purse/contracts'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decideRemoval, decideRoleChange, type Situation } from './decide-member-change.ts'

const role = fc.constantFrom<Role>(...roles)
const situation: fc.Arbitrary<Situation> = fc.record({
  actor: role,
  target: role,
  self: fc.boolean(),
  owners: fc.integer({ min: 1, max: 3 }),
})

const outcome = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error instanceof Problem ? error.code : error
  }
}

describe('a change of role', () => {
  test('is an owner’s alone, and never takes the last owner', () => {
    fc.assert(
      fc.property(situation, role, (given, to) => {
        const decided = outcome(() => decideRoleChange(given, to))
        if (given.actor !== 'owner') expect(decided).toBe('permission_denied')
        else if (to === given.target) expect(decided).toBe(false)
        else if (given.target === 'owner' && given.owners === 1) expect(decided).toBe('last_owner')
        else expect(decided).toBe(true)
      }),
    )
  })
})

describe('a removal', () => {
  test.each<[Role, Role, boolean, number, unknown]>([
    ['owner', 'owner', false, 2, undefined],
    ['owner', 'owner', true, 1, 'last_owner'],
    ['owner', 'owner', true, 2, undefined],
    ['adult', 'owner', false, 2, 'permission_denied'],
    ['adult', 'adult', false, 1, undefined],
    ['adult', 'child', false, 1, undefined],
    ['member', 'child', false, 1, 'permission_denied'],
    ['child', 'child', true, 1, undefined],
    ['read_only', 'read_only', true, 1, undefined],
    ['read_only', 'child', false, 1, 'permission_denied'],
  ])('by %s of %s (self %s, %d owners): %s', (...row) => {
    const [actor, target, self, owners, expected] = row
    expect(outcome(() => decideRemoval({ actor, target, self, owners }))).toBe(expected)
  })

  test('never leaves a family without an owner', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const decided = outcome(() => decideRemoval(given))
        if (given.target === 'owner' && given.owners === 1) expect(decided).not.toBe(undefined)
      }),
    )
  })
})
