import { describe, expect, test } from '@jest/globals'
import { roles } from '@common-purse/contracts'
import fc from 'fast-check'
import { effectivePolicy, type Threshold } from './policy.ts'

const role = fc.constantFrom(...roles)
const accountId = fc.constantFrom('wallet', 'card', 'savings')
const currency = fc.constantFrom('EUR', 'JPY', 'KWD')
const scope = fc.oneof(
  fc.record({ accountId, currency: fc.constant(null) }),
  fc.record({ accountId: fc.constant(null), currency }),
  fc.constant({ accountId: null, currency: null }),
)
/** Whole sums tell which threshold was taken, in every currency. */
const threshold = fc
  .tuple(role, scope, fc.option(fc.nat(9_999).map(String)))
  .map(([of, where, amount]): Threshold => ({ role: of, ...where, amount }))
const thresholds = fc.uniqueArray(threshold, {
  selector: (one) => `${one.role} ${one.accountId} ${one.currency}`,
  maxLength: 20,
})
const policy = fc.record({ own: thresholds, inherited: thresholds }).map(({ own, inherited }) => ({
  version: 1,
  thresholds: own,
  inherited: inherited.map((one) => ({ ...one, accountId: null, currency: null })),
  windowSeconds: 86_400,
  quorum: 1,
  expirySeconds: 3_600,
  updatedAt: null,
  updatedBy: null,
}))
const spending = fc.record({ role, accountId, currency })
const unit: Record<string, bigint> = { EUR: 100n, JPY: 1n, KWD: 1_000n }

describe('whatever the thresholds of a family', () => {
  test('another role’s are without meaning', () => {
    fc.assert(
      fc.property(policy, spending, (all, asked) => {
        const ofRole = all.thresholds.filter((one) => one.role === asked.role)
        expect(effectivePolicy({ ...all, thresholds: ofRole }, asked)).toEqual(effectivePolicy(all, asked))
      }),
    )
  })

  test('the order in which they are written is without meaning', () => {
    fc.assert(
      fc.property(policy, spending, (all, asked) => {
        const turned = { ...all, thresholds: all.thresholds.toReversed() }
        expect(effectivePolicy(turned, asked)).toEqual(effectivePolicy(all, asked))
      }),
    )
  })

  test('the account’s own wins, and only it sums the account alone', () => {
    fc.assert(
      fc.property(policy, spending, fc.nat(9_999), (all, asked, amount) => {
        const others = all.thresholds.filter((one) => one.accountId !== asked.accountId)
        const own = { role: asked.role, accountId: asked.accountId, currency: null, amount: String(amount) }
        expect(effectivePolicy({ ...all, thresholds: [...others, own] }, asked)).toMatchObject({
          threshold: BigInt(amount) * unit[asked.currency]!,
          summedAccountId: asked.accountId,
        })
        expect(effectivePolicy({ ...all, thresholds: others }, asked).summedAccountId).toBeNull()
      }),
    )
  })

  test('who has none asks for everything', () => {
    fc.assert(
      fc.property(policy, spending, (all, asked) => {
        const none = { ...all, thresholds: [], inherited: [] }
        expect(effectivePolicy(none, asked).threshold).toBe(0n)
      }),
    )
  })
})
