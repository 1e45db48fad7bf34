import { expect } from '@jest/globals'
import { type Family, givenAccount, givenFamily } from '../../../../tests/support/given.ts'
import { type LedgerHouse, sendRaw, startLedgerHouse } from './ledger-house.ts'

/** A family, and for each call that takes a body a valid one, which a case makes wrong in one place. */
export interface Form {
  house: LedgerHouse
  family: Family
  /** A second account. */
  other: string
  valid: Record<string, Record<string, unknown>>
  /** Method and path by call. */
  paths: Record<string, string>
  /** Expects the refusal to name the field and nothing in the family to have changed. */
  expectNamed(call: string, field: string, body: string): Promise<void>
  /** The valid body with this JSON as a field, by hand: JSON.stringify would never write some of these. */
  raw(call: string, field: string, json: string): string
}

export async function startForm(): Promise<Form> {
  const house = await startLedgerHouse()
  const family = await givenFamily(house.house)
  const { owner } = family
  const account = await givenAccount(owner)
  const other = (await givenAccount(owner)).id
  const category = await owner.ledger.call('createCategory', { body: { name: 'Food' } })
  const valid: Form['valid'] = {
    submit: { type: 'expense', account_id: account.id, amount: '1.00', currency: 'EUR' },
    open: { name: 'Wallet', kind: 'cash', currency: 'EUR' },
    patch: { name: 'Wallet' },
    category: { name: 'Home' },
    recategorise: { name: 'Food' },
  }
  const paths: Form['paths'] = {
    submit: 'POST /transactions',
    open: 'POST /accounts',
    patch: `PATCH /accounts/${account.id}`,
    category: 'POST /categories',
    recategorise: `PATCH /categories/${category.id}`,
  }
  const expectNamed: Form['expectNamed'] = async (call, field, body) => {
    const before = await house.stateOf(family.id)
    const { status, problem } = await sendRaw(owner, paths[call]!, body)
    expect([status, problem.code, problem.errors?.map((error) => error.field)]).toEqual([
      400,
      'invalid_request',
      expect.arrayContaining([field]),
    ])
    expect(await house.stateOf(family.id)).toEqual(before)
  }
  const raw: Form['raw'] = (call, field, json) => {
    const others = Object.entries(valid[call]!).filter(([name]) => name !== field)
    const parts = others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    return `{${[...parts, `${JSON.stringify(field)}:${json}`].join(',')}}`
  }
  return { house, family, other, valid, paths, expectNamed, raw }
}
