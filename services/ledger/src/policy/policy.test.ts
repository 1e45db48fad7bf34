import { describe, expect, test } from '@jest/globals'
import { decidePolicy, isSamePolicy } from './decide-policy.ts'
import { effectivePolicy, type FamilyPolicy, type Threshold } from './policy.ts'

const threshold = (amount: string | null, more: Partial<Threshold> = {}): Threshold => ({
  role: 'member',
  accountId: null,
  currency: null,
  amount,
  ...more,
})
const policy = (thresholds: Threshold[], more: Partial<FamilyPolicy> = {}): FamilyPolicy => ({
  version: 1,
  thresholds,
  inherited: [threshold('100')],
  windowSeconds: 60,
  quorum: 1,
  expirySeconds: 120,
  updatedAt: null,
  updatedBy: null,
  ...more,
})
const spending = (currency = 'EUR') => ({ role: 'member' as const, accountId: 'wallet', currency })

describe('what holds for one spending', () => {
  const all = [
    threshold('1'),
    threshold('2', { currency: 'EUR' }),
    threshold('3', { accountId: 'wallet' }),
    threshold('4', { accountId: 'savings' }),
    threshold('5', { role: 'adult' }),
  ]

  test.each([
    ['the account’s own', all, 300n, 'wallet'],
    ['else the currency’s', all.filter(({ accountId }) => accountId !== 'wallet'), 200n, null],
    ['else the role’s', [all[0]!, all[3]!, all[4]!], 100n, null],
    ['else the installation’s', [all[3]!, all[4]!], 10_000n, null],
  ])('%s', (_name, thresholds, minor, summedAccountId) => {
    expect(effectivePolicy(policy(thresholds), spending())).toEqual({
      threshold: minor,
      summedAccountId,
      windowSeconds: 60,
      quorum: 1,
      expirySeconds: 120,
    })
  })

  test('no limit where the amount is null, nothing where the role has no threshold', () => {
    expect(effectivePolicy(policy([threshold(null)]), spending()).threshold).toBeUndefined()
    expect(effectivePolicy(policy([], { inherited: [] }), spending()).threshold).toBe(0n)
  })

  test.each([
    ['JPY', 10n],
    ['EUR', 1055n],
    ['KWD', 10_555n],
  ])('a number counts in the units of %s', (currency, minor) => {
    expect(effectivePolicy(policy([threshold('10.555')]), spending(currency)).threshold).toBe(minor)
  })
})

describe('a changed policy', () => {
  const given = { role: 'member' as const, account_id: null, currency: null, amount: '5' }
  const accounts = [{ id: 'yen', currency: 'JPY' }]

  test('keeps what is not given, and gives amounts their currency’s places', () => {
    expect(
      decidePolicy(
        {
          thresholds: [given, { ...given, currency: 'EUR' }, { ...given, account_id: 'yen' }],
          quorum: 3,
        },
        policy([threshold('9')]),
        accounts,
      ),
    ).toEqual({
      thresholds: [
        threshold('5'),
        threshold('5.00', { currency: 'EUR' }),
        threshold('5', { accountId: 'yen' }),
      ],
      windowSeconds: 60,
      quorum: 3,
      expirySeconds: 120,
    })
  })

  test.each([
    ['thresholds.1.account_id', { account_id: 'gone' }],
    ['thresholds.1.amount', { account_id: 'yen', amount: '1.5' }],
  ])('names %s', (field, more) => {
    const thresholds = [given, { ...given, ...more }]
    expect(() => decidePolicy({ thresholds }, policy([]), accounts)).toThrow(
      expect.objectContaining({ extras: { errors: [expect.objectContaining({ field })] } }),
    )
  })

  test('is the same in another order, and another one when anything differs', () => {
    const [one, two] = [threshold('1'), threshold('2', { currency: 'EUR' })]
    expect(isSamePolicy(policy([one, two]), policy([two, one]))).toBe(true)
    for (const other of [
      policy([one]),
      policy([one, threshold(null, { currency: 'EUR' })]),
      policy([one, two], { windowSeconds: 0 }),
      policy([one, two], { quorum: 2 }),
      policy([one, two], { expirySeconds: 1 }),
    ])
      expect(isSamePolicy(policy([one, two]), other)).toBe(false)
  })
})
