import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { putPolicy } from './support/put-policy.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => at.stop())

describe('what needs approval', () => {
  const statusOf = async (spending: ReturnType<typeof spend>) => (await spending).status

  test('the most particular threshold counts: account, currency, role', async () => {
    const { owner, people } = await givenFamily(at.house, ['member'])
    const member = people['member']!
    const [euros, free, dollars] = [
      await givenAccount(owner),
      await givenAccount(owner),
      await givenAccount(owner, { currency: 'USD' }),
    ]
    await putPolicy(owner, {
      thresholds: [
        { role: 'member', amount: '10' },
        { role: 'member', currency: 'USD', amount: '20' },
        { role: 'member', account_id: free.id, amount: null },
      ],
      window_seconds: 0,
    })
    const waits = 'pending_approval'
    expect(await statusOf(spend(member, euros, '10'))).toBe('posted')
    expect(await statusOf(spend(member, euros, '10.01'))).toBe(waits)
    expect(await statusOf(spend(member, dollars, '20', { currency: 'USD' }))).toBe('posted')
    expect(await statusOf(spend(member, dollars, '20.01', { currency: 'USD' }))).toBe(waits)
    expect(await statusOf(spend(member, free, '900'))).toBe('posted')
    expect(await statusOf(spend(owner, euros, '900'))).toBe('posted')
  })

  test('a role’s default counts in each currency’s own units', async () => {
    const { owner, people } = await givenFamily(at.house, ['member'])
    const member = people['member']!
    const [yen, dinar] = [
      await givenAccount(owner, { currency: 'JPY', opening_balance: '1000' }),
      await givenAccount(owner, { currency: 'KWD', opening_balance: '1000' }),
    ]
    await putPolicy(owner, { thresholds: [{ role: 'member', amount: '10.50' }], window_seconds: 0 })
    expect(await statusOf(spend(member, yen, '10', { currency: 'JPY' }))).toBe('posted')
    expect(await spend(member, yen, '11', { currency: 'JPY' })).toMatchObject({
      status: 'pending_approval',
      approval: { threshold: '10' },
    })
    expect(await statusOf(spend(member, dinar, '10.500', { currency: 'KWD' }))).toBe('posted')
    expect(await statusOf(spend(member, dinar, '10.501', { currency: 'KWD' }))).toBe('pending_approval')
  })

  test('a sum over the window, of the account alone where the account has its own threshold', async () => {
    const { owner, people } = await givenFamily(at.house, ['member'])
    const member = people['member']!
    const [pocket, wallet] = [await givenAccount(owner), await givenAccount(owner)]
    await putPolicy(owner, {
      thresholds: [
        { role: 'member', amount: '50' },
        { role: 'member', account_id: pocket.id, amount: '30' },
      ],
    })
    expect(await statusOf(spend(member, wallet, '40'))).toBe('posted')
    expect(await statusOf(spend(member, pocket, '30'))).toBe('posted')
    expect(await spend(member, pocket, '0.01')).toMatchObject({
      status: 'pending_approval',
      approval: { why: 'rolling_sum', threshold: '30.00' },
    })
    expect(await spend(member, wallet, '0.01')).toMatchObject({
      status: 'pending_approval',
      approval: { why: 'rolling_sum', threshold: '50.00' },
    })
    await putPolicy(owner, { thresholds: [{ role: 'member', amount: '50' }], window_seconds: 0 })
    expect(await statusOf(spend(member, wallet, '50'))).toBe('posted')
    expect(await statusOf(spend(member, wallet, '50'))).toBe('posted')
  })

  test('neither income, nor what somebody approved, uses the allowance up', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const member = people['member']!
    const account = await givenAccount(owner)
    await putPolicy(owner, { thresholds: [{ role: 'member', amount: '50' }] })
    expect(await statusOf(spend(member, account, '900', { type: 'income' }))).toBe('posted')
    const { id } = await spend(member, account, '60')
    await owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} })
    expect(await statusOf(spend(member, account, '50'))).toBe('posted')
    expect(await statusOf(spend(member, account, '0.01'))).toBe('pending_approval')
  })

  test('an owner too, where the family decided so; a dry run tells it', async () => {
    const { owner, people } = await at.familyKnown(['adult'])
    const account = await givenAccount(owner)
    await putPolicy(owner, { thresholds: [{ role: 'owner', amount: '5' }], expiry_seconds: 3600 })
    const preview = await owner.ledger.call('submitTransaction', {
      query: { dry_run: 'true' },
      body: { type: 'expense', account_id: account.id, amount: '6', currency: 'EUR' },
    })
    expect(preview).toMatchObject({
      id: null,
      status: 'pending_approval',
      approval: { required: 1, threshold: '5.00' },
    })
    const { id, approval, created_at } = await spend(owner, account, '6')
    expect(Date.parse(approval!.expires_at) - Date.parse(created_at)).toBe(3_600_000)
    await people['adult']!.ledger.call('approveTransaction', { params: { id: id! }, body: {} })
  })

  test('what already waits keeps its terms', async () => {
    const { owner, people } = await at.familyKnown(['member', 'adult', 'adult'])
    const account = await givenAccount(owner)
    const waiting = await spend(people['member']!, account, '200')
    await putPolicy(owner, { thresholds: [{ role: 'member', amount: null }], quorum: 3, expiry_seconds: 60 })
    const read = await owner.ledger.call('getTransaction', { params: { id: waiting.id! } })
    expect(read.approval).toEqual(waiting.approval)
    await owner.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} })
    expect(await statusOf(spend(people['member']!, account, '200'))).toBe('posted')
  })
})
