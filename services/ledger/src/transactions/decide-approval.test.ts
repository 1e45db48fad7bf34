import { describe, expect, test } from '@jest/globals'
import type { Member } from '../members/member-store.ts'
import { approversFor, decideApprover, decideRequired, decideWaiting } from './decide-approval.ts'

const now = new Date('2026-05-01T12:00:00Z')
const policy = (threshold: bigint | undefined) => ({ threshold, expirySeconds: 3600 })
const member = (userId: string, role: Member['role']): Member => ({ userId, displayName: userId, role })

describe('whether a spending waits', () => {
  test.each([
    ['exactly the threshold', 10_000n, 0n, 10_000n],
    ['what fills the day’s sum', 4_000n, 6_000n, 10_000n],
    ['anything without a threshold', 10n ** 14n, 10n ** 14n, undefined],
  ])('not %s', (_name, amount, spent, threshold) => {
    expect(decideWaiting(amount, spent, policy(threshold), now)).toBeNull()
  })

  test.each([
    ['above_threshold', 10_001n, 0n, 10_000n],
    ['above_threshold', 1n, 0n, 0n],
    ['rolling_sum', 4_001n, 6_000n, 10_000n],
  ])('%s', (why, amount, spent, threshold) => {
    expect(decideWaiting(amount, spent, policy(threshold), now)).toEqual({
      why,
      threshold,
      expiresAt: new Date('2026-05-01T13:00:00Z'),
    })
  })
})

describe('who approves', () => {
  const family = [
    member('ann', 'owner'),
    member('bob', 'adult'),
    member('kim', 'child'),
    member('rex', 'read_only'),
  ]

  test('owners and adults, but not the author', () => {
    expect(approversFor('kim', family).map(({ userId }) => userId)).toEqual(['ann', 'bob'])
    expect(approversFor('bob', family).map(({ userId }) => userId)).toEqual(['ann'])
  })

  test('the only owner may approve their own, and it is told that they do', () => {
    expect(approversFor('ann', family).map(({ userId }) => userId)).toEqual(['ann', 'bob'])
    expect(decideApprover('ann', { userId: 'ann', role: 'owner' }, family)).toBe(true)
    expect(decideApprover('kim', { userId: 'ann', role: 'owner' }, family)).toBe(false)
  })

  test.each([
    [1, 'kim', 1],
    [2, 'kim', 2],
    [10, 'kim', 2],
    [2, 'bob', 1],
    [2, 'ann', 1],
  ])('a quorum of %i for what %s asks: %i', (quorum, author, required) => {
    expect(decideRequired(quorum, author, family)).toBe(required)
  })

  test('where nobody else may approve, one approval is still needed', () => {
    expect(decideRequired(3, 'ann', [member('ann', 'owner'), member('kim', 'child')])).toBe(1)
    expect(decideRequired(3, 'ann', [])).toBe(1)
  })

  test.each([
    ['an adult', 'bob', 'adult', family],
    ['one of two owners', 'ann', 'owner', [...family, member('eva', 'owner')]],
    ['an owner of whose family nothing is known yet', 'ann', 'owner', []],
  ] as const)('%s does not approve their own', (_name, userId, role, members) => {
    expect(() => decideApprover(userId, { userId, role }, [...members])).toThrow(
      expect.objectContaining({ code: 'self_approval' }),
    )
  })
})
