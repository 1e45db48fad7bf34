import { describe, expect, test } from '@jest/globals'
import { hasPermission, Problem, type Role } from '@common-purse/contracts'
import fc from 'fast-check'
import type { Member } from '../members/member-store.ts'
import { approversFor, decideApprover, decideRequired } from './decide-approval.ts'

const role = fc.constantFrom<Role>('owner', 'adult', 'member', 'child', 'read_only')

/** A family of up to eight with at least one owner, and two of them who may be one and the same. */
const family = fc
  .record({
    roles: fc.array(role, { maxLength: 7 }),
    author: fc.nat(),
    approver: fc.nat(),
    quorum: fc.integer({ min: 1, max: 10 }),
  })
  .map(({ roles, author, approver, quorum }) => {
    const members = ['owner' as const, ...roles].map((of, n): Member => ({
      userId: `user ${n}`,
      displayName: `Person ${n}`,
      role: of,
    }))
    return {
      members,
      author: members[author % members.length]!,
      approver: members[approver % members.length]!,
      quorum,
    }
  })

const isRefused = (work: () => unknown): boolean => {
  try {
    work()
    return false
  } catch (error) {
    return error instanceof Problem && error.code === 'self_approval'
  }
}

describe('whatever the family', () => {
  test('nobody approves their own, but the only owner', () => {
    fc.assert(
      fc.property(family, ({ members, author, approver }) => {
        const owners = members.filter((member) => member.role === 'owner')
        const allowed = approver !== author || (owners.length === 1 && owners[0] === author)
        expect(isRefused(() => decideApprover(author.userId, approver, members))).toBe(!allowed)
      }),
    )
  })

  test('who is named as one who may approve may, and nobody else with the permission', () => {
    fc.assert(
      fc.property(family, ({ members, author }) => {
        const may = members.filter(
          (member) =>
            hasPermission(member.role, 'transaction.approve') &&
            !isRefused(() => decideApprover(author.userId, member, members)),
        )
        expect(approversFor(author.userId, members)).toEqual(may)
      }),
    )
  })

  test('as many approvals are needed as the quorum says and the family can give, and at least one', () => {
    fc.assert(
      fc.property(family, ({ members, author, quorum }) => {
        const required = decideRequired(quorum, author.userId, members)
        const may = approversFor(author.userId, members)
        expect(required).toBeGreaterThanOrEqual(1)
        expect(required).toBeLessThanOrEqual(quorum)
        // What waits can be approved: by others, or by the only owner alone.
        if (may.length > 0) expect(required).toBeLessThanOrEqual(may.length)
        if (required < quorum)
          expect(required).toBe(Math.max(1, may.filter((member) => member !== author).length))
      }),
    )
  })
})
