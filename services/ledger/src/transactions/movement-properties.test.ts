import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decideWaiting } from './decide-approval.ts'
import { legsOf, type Moving, payerOf } from './movement.ts'

const amount = fc.bigInt(1n, 10n ** 17n)

const moving: fc.Arbitrary<Moving> = fc
  .tuple(
    fc.constantFrom('expense', 'income', 'transfer'),
    amount,
    fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 2 }),
  )
  .map(([type, sum, ids]) => ({
    type,
    accountId: ids[0]!,
    toAccountId: type === 'transfer' ? ids[1]! : null,
    amount: sum,
    reverses: null,
  }))

const balancesAfter = (...movements: Moving[]) => {
  const balances = new Map<string, bigint>()
  for (const movement of movements)
    for (const leg of legsOf(movement, 'outside'))
      balances.set(leg.accountId, (balances.get(leg.accountId) ?? 0n) + leg.amount)
  return balances
}

describe('whatever moves', () => {
  test('its legs sum to zero, on two accounts', () => {
    fc.assert(
      fc.property(moving, fc.boolean(), (movement, isReversal) => {
        const [taken, given] = legsOf({ ...movement, reverses: isReversal ? 'original' : null }, 'outside')
        expect(taken.amount + given.amount).toBe(0n)
        expect(given.amount).toBe(movement.amount)
        expect(taken.accountId).not.toBe(given.accountId)
      }),
    )
  })

  test('its reversal leaves every balance as it was', () => {
    fc.assert(
      fc.property(moving, (movement) => {
        const after = balancesAfter(movement, { ...movement, reverses: 'original' })
        expect([...after.values()]).toEqual([0n, 0n])
      }),
    )
  })

  test('who pays is who gives, where a person does', () => {
    fc.assert(
      fc.property(moving, fc.boolean(), (movement, isReversal) => {
        const asked = { ...movement, reverses: isReversal ? 'original' : null }
        const [{ accountId: giver }] = legsOf(asked, 'outside')
        expect(payerOf(asked) ?? 'outside').toBe(giver)
      }),
    )
  })
})

describe('whatever the threshold', () => {
  const now = new Date('2026-05-01T12:00:00Z')

  test('splitting a sum lets no more of it through at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 1_000n), { maxLength: 50 }),
        fc.bigInt(0n, 5_000n),
        (parts, threshold) => {
          let spent = 0n
          for (const part of parts)
            if (!decideWaiting(part, spent, { threshold, expirySeconds: 1 }, now)) spent += part
          expect(spent <= threshold).toBe(true)
        },
      ),
    )
  })

  test('what waits says by how much it is too much, and until when', () => {
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.integer({ min: 1, max: 7_776_000 }),
        (sum, spent, threshold, seconds) => {
          const waiting = decideWaiting(sum, spent, { threshold, expirySeconds: seconds }, now)
          expect(waiting === null).toBe(sum + spent <= threshold)
          if (!waiting) return
          expect(waiting.why).toBe(sum > threshold ? 'above_threshold' : 'rolling_sum')
          expect(waiting.expiresAt.getTime()).toBe(now.getTime() + seconds * 1000)
        },
      ),
    )
  })
})
