import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { type LedgerHouse, sendRaw, startLedgerHouse } from './support/ledger-house.ts'
import { putPolicy } from './support/put-policy.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => at.stop())

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
    const first = await putPolicy(owner, {
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
    const second = await putPolicy(owner, {
      thresholds: [{ role: 'owner', amount: '500' }],
      expiry_seconds: 600,
    })
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
    const first = await putPolicy(owner, { thresholds: [one, two] })
    expect(await putPolicy(owner, { thresholds: [two, { ...one, amount: '50.00' }] })).toEqual(first)
    expect(await at.actionsOf(id)).toEqual(['policy.changed'])
  })

  test('many changes at once are numbered without a gap, the first too', async () => {
    const { owner, id } = await givenFamily(at.house)
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        putPolicy(owner, { thresholds: [{ role: 'child', amount: String(n) }] }),
      ),
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
    await putPolicy(owner, { thresholds: [], quorum: 2 })
    expect(await owner.ledger.call('putApprovalPolicy', input)).toEqual(first)
    expect(await at.actionsOf(id)).toHaveLength(2)
  })

  test('is the owner’s alone', async () => {
    const { people, id } = await givenFamily(at.house, ['adult', 'member', 'child', 'read_only'])
    const before = await at.stateOf(id)
    for (const [name, person] of Object.entries(people))
      if (name !== 'owner')
        await refused(putPolicy(person, { thresholds: [], quorum: 2 }), 'permission_denied')
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
      return (await refused(putPolicy(owner, { thresholds }), 'invalid_request')).errors.map(
        ({ field }) => field,
      )
    }
    expect(await fieldsOf(foreign.id, '1')).toEqual(['thresholds.1.account_id'])
    expect(await fieldsOf(yen.id, '1.5')).toEqual(['thresholds.1.amount'])
  })
})
