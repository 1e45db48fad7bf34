import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, sendRaw, spend, startLedgerHouse } from './support/ledger-house.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => at.stop())

interface Policy {
  thresholds: {
    role: 'owner' | 'adult' | 'member' | 'child'
    account_id?: string
    currency?: string
    amount: string | null
  }[]
  window_seconds?: number
  quorum?: number
  expiry_seconds?: number
}
const put = (person: Person, body: Policy) => person.ledger.call('putApprovalPolicy', { body })
const read = (person: Person) => person.ledger.call('getApprovalPolicy')
const threshold = (role: string, amount: string | null, inherited: boolean, more: object = {}) => ({
  role,
  account_id: null,
  currency: null,
  amount,
  inherited,
  ...more,
})
const defaults = {
  owner: threshold('owner', null, true),
  adult: threshold('adult', '1000', true),
  member: threshold('member', '100', true),
  child: threshold('child', '0', true),
}

describe('the approval policy', () => {
  test('is the installation’s until the family decides; everybody reads it', async () => {
    const { people } = await givenFamily(at.house, ['adult', 'member', 'child', 'read_only'])
    for (const person of Object.values(people))
      expect(await read(person)).toEqual({
        thresholds: Object.values(defaults),
        window_seconds: 86_400,
        quorum: 1,
        expiry_seconds: 259_200,
        version: 0,
        updated_at: null,
        updated_by: null,
      })
  })

  test('is replaced as a whole; what is not given of the rest stays', async () => {
    const { owner, id } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const first = await put(owner, {
      thresholds: [
        { role: 'member', amount: '50' },
        { role: 'member', currency: 'JPY', amount: '5000' },
        { role: 'child', account_id: account.id, amount: '10' },
      ],
      window_seconds: 3600,
      quorum: 2,
    })
    expect(first).toEqual({
      thresholds: expect.arrayContaining([
        threshold('member', '50', false),
        threshold('member', '5000', false, { currency: 'JPY' }),
        threshold('child', '10.00', false, { account_id: account.id }),
        defaults.owner,
        defaults.adult,
        defaults.child,
      ]),
      window_seconds: 3600,
      quorum: 2,
      expiry_seconds: 259_200,
      version: 1,
      updated_at: expect.any(String),
      updated_by: owner.userId,
    })
    expect(first.thresholds).toHaveLength(6)
    expect(await read(owner)).toEqual(first)
    const second = await put(owner, { thresholds: [{ role: 'owner', amount: '500' }], expiry_seconds: 600 })
    expect(second).toMatchObject({ window_seconds: 3600, quorum: 2, expiry_seconds: 600, version: 2 })
    expect(second.thresholds).toEqual([
      threshold('owner', '500', false),
      defaults.adult,
      defaults.member,
      defaults.child,
    ])
    const events = await at.eventsOf(id)
    expect(events.map(({ action, version, actor }) => [action, version, actor])).toEqual([
      ['policy.changed', 1, owner.userId],
      ['policy.changed', 2, owner.userId],
    ])
    expect(events[0]!.old).toEqual({
      thresholds: [],
      window_seconds: 86_400,
      quorum: 1,
      expiry_seconds: 259_200,
    })
    expect(events[1]).toMatchObject({
      old: { quorum: 2, expiry_seconds: 259_200, thresholds: events[0]!.new!['thresholds'] },
      new: { quorum: 2, expiry_seconds: 600, thresholds: [{ role: 'owner', amount: '500' }] },
    })
  })

  test('set to what it is leaves no trace, in whatever order it is given', async () => {
    const { owner, id } = await givenFamily(at.house)
    const one = { role: 'member' as const, currency: 'EUR', amount: '50' }
    const two = { role: 'child' as const, amount: '5' }
    const first = await put(owner, { thresholds: [one, two] })
    expect(await put(owner, { thresholds: [two, { ...one, amount: '50.00' }] })).toEqual(first)
    expect(await at.actionsOf(id)).toEqual(['policy.changed'])
  })

  test('many changes at once are numbered without a gap, the first too', async () => {
    const { owner, id } = await givenFamily(at.house)
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => put(owner, { thresholds: [{ role: 'child', amount: String(n) }] })),
    )
    const events = await at.eventsOf(id)
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6])
    for (const [index, { old }] of events.entries())
      if (index > 0) expect(old).toEqual(events[index - 1]!.new)
  })

  test('with the same key is changed once', async () => {
    const { owner, id } = await givenFamily(at.house)
    const input = { body: { thresholds: [], quorum: 3 }, idempotencyKey: randomUUID() }
    const first = await owner.ledger.call('putApprovalPolicy', input)
    await put(owner, { thresholds: [], quorum: 2 })
    expect(await owner.ledger.call('putApprovalPolicy', input)).toEqual(first)
    expect(await at.actionsOf(id)).toHaveLength(2)
  })

  test('is the owner’s alone', async () => {
    const { people, id } = await givenFamily(at.house, ['adult', 'member', 'child', 'read_only'])
    const before = await at.stateOf(id)
    for (const [name, person] of Object.entries(people))
      if (name !== 'owner') await refused(put(person, { thresholds: [], quorum: 2 }), 'permission_denied')
    expect(await at.stateOf(id)).toEqual(before)
  })

  test.each([
    ['thresholds.0.account_id', { thresholds: [{ role: 'child', account_id: randomUUID(), amount: '1' }] }],
    ['thresholds.0.account_id', { thresholds: [{ role: 'child', account_id: 'x', amount: '1' }] }],
    ['thresholds.0.role', { thresholds: [{ role: 'read_only', amount: '1' }] }],
    ['thresholds.0.role', { thresholds: [{ role: 'uncle', amount: '1' }] }],
    ['thresholds.0.amount', { thresholds: [{ role: 'child', amount: 1 }] }],
    ['thresholds.0.amount', { thresholds: [{ role: 'child', amount: '-1' }] }],
    ['thresholds.0.amount', { thresholds: [{ role: 'child', amount: '1e3' }] }],
    ['thresholds.0.amount', { thresholds: [{ role: 'child' }] }],
    ['thresholds.0.amount', { thresholds: [{ role: 'child', currency: 'JPY', amount: '1.5' }] }],
    ['thresholds.0.currency', { thresholds: [{ role: 'child', currency: 'eur', amount: '1' }] }],
    [
      'thresholds.0.currency',
      { thresholds: [{ role: 'child', account_id: randomUUID(), currency: 'EUR', amount: '1' }] },
    ],
    ['thresholds.0.status', { thresholds: [{ role: 'child', amount: '1', status: 'posted' }] }],
    [
      'thresholds.1',
      {
        thresholds: [
          { role: 'child', amount: '1' },
          { role: 'child', amount: '2' },
        ],
      },
    ],
    ['thresholds', {}],
    ['window_seconds', { thresholds: [], window_seconds: -1 }],
    ['window_seconds', { thresholds: [], window_seconds: 1.5 }],
    ['window_seconds', { thresholds: [], window_seconds: 99_999_999 }],
    ['quorum', { thresholds: [], quorum: 0 }],
    ['quorum', { thresholds: [], quorum: 11 }],
    ['quorum', { thresholds: [], quorum: '2' }],
    ['expiry_seconds', { thresholds: [], expiry_seconds: 1 }],
    ['version', { thresholds: [], version: 7 }],
    ['family_id', { thresholds: [], family_id: randomUUID() }],
  ])('names a wrong %s in %j', async (field, body) => {
    const { owner, id } = await givenFamily(at.house)
    const { status, problem } = await sendRaw(owner, 'PUT /approval-policy', JSON.stringify(body))
    expect([status, problem.code, problem.errors.map((error) => error.field)]).toEqual([
      400,
      'invalid_request',
      expect.arrayContaining([field]),
    ])
    expect(await at.rows('SELECT 1 FROM ledger.approval_policies WHERE family_id = $1', [id])).toEqual([])
  })

  test('names an account of another family, and an amount that an account’s currency does not have', async () => {
    const [{ owner }, theirs] = [await givenFamily(at.house), await givenFamily(at.house)]
    const [foreign, yen] = [
      await givenAccount(theirs.owner),
      await givenAccount(owner, { currency: 'JPY', opening_balance: '5' }),
    ]
    const fieldsOf = async (account_id: string, amount: string) => {
      const thresholds = [
        { role: 'adult' as const, amount: '1' },
        { role: 'child' as const, account_id, amount },
      ]
      return (await refused(put(owner, { thresholds }), 'invalid_request')).errors.map(({ field }) => field)
    }
    expect(await fieldsOf(foreign.id, '1')).toEqual(['thresholds.1.account_id'])
    expect(await fieldsOf(yen.id, '1.5')).toEqual(['thresholds.1.amount'])
  })
})

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
    await put(owner, {
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
    await put(owner, { thresholds: [{ role: 'member', amount: '10.50' }], window_seconds: 0 })
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
    await put(owner, {
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
    await put(owner, { thresholds: [{ role: 'member', amount: '50' }], window_seconds: 0 })
    expect(await statusOf(spend(member, wallet, '50'))).toBe('posted')
    expect(await statusOf(spend(member, wallet, '50'))).toBe('posted')
  })

  test('neither income, nor what somebody approved, uses the allowance up', async () => {
    const { owner, people } = await at.familyKnown(['member'])
    const member = people['member']!
    const account = await givenAccount(owner)
    await put(owner, { thresholds: [{ role: 'member', amount: '50' }] })
    expect(await statusOf(spend(member, account, '900', { type: 'income' }))).toBe('posted')
    const { id } = await spend(member, account, '60')
    await owner.ledger.call('approveTransaction', { params: { id: id! }, body: {} })
    expect(await statusOf(spend(member, account, '50'))).toBe('posted')
    expect(await statusOf(spend(member, account, '0.01'))).toBe('pending_approval')
  })

  test('an owner too, where the family decided so; a dry run tells it', async () => {
    const { owner, people } = await at.familyKnown(['adult'])
    const account = await givenAccount(owner)
    await put(owner, { thresholds: [{ role: 'owner', amount: '5' }], expiry_seconds: 3600 })
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
    await put(owner, { thresholds: [{ role: 'member', amount: null }], quorum: 3, expiry_seconds: 60 })
    const read = await owner.ledger.call('getTransaction', { params: { id: waiting.id! } })
    expect(read.approval).toEqual(waiting.approval)
    await owner.ledger.call('approveTransaction', { params: { id: waiting.id! }, body: {} })
    expect(await statusOf(spend(people['member']!, account, '200'))).toBe('posted')
  })
})
