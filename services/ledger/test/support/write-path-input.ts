import fc from 'fast-check'
import type { Role } from '../../../../libs/contracts/src/index.ts'

export const roles: Role[] = ['owner', 'adult', 'member', 'child']

/** What a family has when the commands begin; `owner` and `person` count the two people. */
export interface State {
  accounts: {
    owner: number
    visibility: 'family' | 'shared' | 'private'
    shared: boolean
    status: 'open' | 'closed'
    currency: 'EUR' | 'JPY'
    posted: number
    held: number
    overdraft: number
  }[]
  archived: boolean
  thresholds: { role: Role; amount: string | null; of: 'role' | 'account' | 'currency' }[]
  windowSeconds: number
}

/** A command, by the places of people and accounts in the state. */
export interface Step {
  person: number
  role: Role
  type: 'expense' | 'income' | 'transfer'
  from: number
  to: number
  amount: number
  currency: 'EUR' | 'JPY'
  category: boolean
  description: string | null
  later: number | null
}

/** Mostly the usual, so that steps get far, and each unusual thing often enough. */
const mostly = <T, U>(usual: T, ...unusual: U[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...unusual) },
  )

const account = fc.record({
  owner: fc.nat(1),
  visibility: mostly('family', 'shared', 'private'),
  shared: fc.boolean(),
  status: mostly('open', 'closed'),
  currency: mostly('EUR', 'JPY'),
  posted: fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constant(99_999_999_999_999_99)),
  held: fc.constantFrom(0, 0, 500),
  overdraft: fc.constantFrom(0, 0, 10_000),
}) as fc.Arbitrary<State['accounts'][number]>

export const state: fc.Arbitrary<State> = fc.record({
  accounts: fc.array(account, { minLength: 2, maxLength: 4 }),
  archived: mostly(false, true),
  thresholds: fc.uniqueArray(
    fc.record({
      role: fc.constantFrom(...roles),
      amount: fc.constantFrom('0', '50', '500', null),
      of: fc.constantFrom('role', 'account', 'currency'),
    }),
    { maxLength: 4, selector: ({ role, of }) => `${role} ${of}` },
  ),
  windowSeconds: fc.constantFrom(0, 86_400),
})

export const step: fc.Arbitrary<Step> = fc.record({
  person: fc.nat(1),
  role: mostly('owner', ...roles),
  type: fc.constantFrom('expense', 'income', 'transfer'),
  from: fc.nat(3),
  to: fc.nat(3),
  amount: fc.integer({ min: 1, max: 60_000 }),
  currency: mostly('EUR', 'JPY'),
  category: fc.boolean(),
  description: fc.option(fc.constantFrom('coffee', 'чай "с лимоном"', '\\ \u2028 🙂')),
  later: mostly(null, -86_400_000, 3_600_000, 90_000_000),
})
