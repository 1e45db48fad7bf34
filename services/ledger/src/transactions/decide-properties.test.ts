import { describe, expect, test } from '@jest/globals'
import { Problem, type Role, SubmitTransaction, toDecimal } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import fc from 'fast-check'
import { canSee, type LedgerAccount } from '../accounts/account.ts'
import { decideReversal } from './decide-reversal.ts'
import { decideTransaction, requireFunds, requireRange } from './decide-transaction.ts'
import { legsOf, payerOf } from './movement.ts'
import type { LedgerTransaction } from './transaction.ts'

const now = new Date('2026-05-01T12:00:00.000Z')
const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const
const people = ['33333333-3333-4333-8333-333333333333', '44444444-4444-4444-8444-444444444444'] as const
const familyId = '55555555-5555-4555-8555-555555555555'
const BALANCE_MAX = 10n ** 17n

const account = (id: string): fc.Arbitrary<LedgerAccount> =>
  fc.record({
    id: fc.constant(id),
    name: fc.constant('Wallet'),
    kind: fc.constant('cash'),
    currency: fc.constantFrom('EUR', 'EUR', 'JPY', 'KWD'),
    visibility: fc.constantFrom('family', 'family', 'shared', 'private'),
    sharedWith: fc.subarray([...people]),
    ownerId: fc.constantFrom(...people),
    status: fc.constantFrom('open', 'open', 'open', 'closed'),
    overdraftLimit: fc.bigInt(0n, 10_000n),
    posted: fc.oneof(fc.bigInt(-10_000n, 10_000_000n), fc.bigInt(-BALANCE_MAX, BALANCE_MAX)),
    held: fc.bigInt(0n, 5_000n),
    version: fc.constant(1),
    createdAt: fc.constant(now),
  })

const caller: fc.Arbitrary<Caller> = fc
  .record({
    userId: fc.constantFrom(...people),
    role: fc.constantFrom<Role>('owner', 'adult', 'member', 'child'),
  })
  .map(({ userId, role }) => ({
    userId,
    role,
    familyId,
    sessionId: 's',
    client: 'api',
    memberVersion: 1,
    issuedAt: 0,
  }))

const command = fc
  .record({
    type: fc.constantFrom('expense', 'income', 'transfer'),
    minor: fc.oneof(fc.bigInt(1n, 20_000n), fc.bigInt(1n, 10n ** 12n - 1n)),
    currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY', 'KWD'),
    late: fc.constantFrom(undefined, 0, 86_400_000, 86_400_001),
  })
  .map(({ type, minor, currency, late }) => ({
    minor,
    body: SubmitTransaction.parse({
      type,
      account_id: ids[0],
      ...(type === 'transfer' ? { to_account_id: ids[1] } : {}),
      amount: toDecimal(minor, currency),
      currency,
      ...(late === undefined ? {} : { occurred_at: new Date(now.getTime() + late).toISOString() }),
    }),
  }))

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

describe('whatever is asked for', () => {
  const asked = fc.record({ own: account(ids[0]), other: account(ids[1]), caller, command })

  test('it is refused exactly when an account does not do, and else drafted as it was asked', () => {
    fc.assert(
      fc.property(asked, ({ own, other, caller: who, command: { body, minor } }) => {
        const accounts = [own, other]
        const named = body.type === 'transfer' ? accounts : [own]
        const usable = named.every(
          (one) => canSee(one, who) && one.status === 'open' && one.currency === body.currency,
        )
        const inTime =
          body.occurred_at === undefined || Date.parse(body.occurred_at) <= now.getTime() + 86_400_000
        const decide = () => decideTransaction(body, who, { accounts, category: undefined }, now)
        if (!usable || !inTime) {
          expect(['not_found', 'account_closed', 'invalid_request']).toContain(codeOf(decide))
          return
        }
        expect(decide()).toMatchObject({
          familyId,
          type: body.type,
          accountId: own.id,
          toAccountId: body.type === 'transfer' ? other.id : null,
          amount: minor,
          currency: body.currency,
          createdBy: who.userId,
          createdAt: now,
          reverses: null,
        })
      }),
    )
  })

  test('an account that one does not see is as one that is not there', () => {
    fc.assert(
      fc.property(asked, ({ own, other, caller: who, command: { body } }) => {
        fc.pre(!canSee(own, who))
        const answer = (accounts: LedgerAccount[]) => {
          try {
            return decideTransaction(body, who, { accounts, category: undefined }, now)
          } catch (error) {
            const { code, message, extras } = error as Problem
            return { code, message, extras }
          }
        }
        expect(answer([own, other])).toEqual(answer([other]))
      }),
    )
  })

  test('nobody pays more than they have with their limit and without what is held', () => {
    fc.assert(
      fc.property(asked, fc.boolean(), ({ own, other, caller: who, command: { body, minor } }, back) => {
        const moving = {
          type: body.type,
          accountId: own.id,
          toAccountId: body.type === 'transfer' ? other.id : null,
          amount: minor,
          reverses: back ? 'original' : null,
        }
        const accounts = [own, other]
        const payer = accounts.find(({ id }) => id === payerOf(moving))
        const code = codeOf(() => requireFunds({ ...draftOf(moving), ...moving }, accounts, who))
        const short = payer !== undefined && payer.posted - payer.held - minor + payer.overdraftLimit < 0n
        expect(code).toBe(short ? 'insufficient_funds' : undefined)
      }),
    )
  })

  test('what passes leaves no sum that cannot be counted', () => {
    fc.assert(
      fc.property(asked, ({ own, other, command: { body, minor } }) => {
        const moving = {
          type: body.type,
          accountId: own.id,
          toAccountId: body.type === 'transfer' ? other.id : null,
          amount: minor,
          reverses: null,
        }
        const accounts = body.type === 'transfer' ? [own, other] : [own]
        fc.pre(codeOf(() => requireRange({ ...draftOf(moving), ...moving }, accounts)) === undefined)
        for (const leg of legsOf(moving, 'outside')) {
          const before = accounts.find(({ id }) => id === leg.accountId)?.posted ?? 0n
          const after = before + leg.amount
          expect(after <= BALANCE_MAX && after >= -BALANCE_MAX).toBe(true)
        }
      }),
    )
  })
})

const draftOf = ({ type }: { type: 'expense' | 'income' | 'transfer' }) => ({
  type,
  currency: 'EUR',
  categoryId: null,
  description: null,
  createdBy: people[0],
  occurredAt: now,
  createdAt: now,
  reason: null,
})

describe('whatever is to be reversed', () => {
  const original: fc.Arbitrary<LedgerTransaction> = fc
    .record({
      type: fc.constantFrom('expense', 'income', 'transfer'),
      status: fc.constantFrom(
        'pending_approval',
        'posted',
        'posted',
        'rejected',
        'cancelled',
        'expired',
        'reversed',
      ),
      amount: fc.bigInt(1n, BALANCE_MAX),
      reverses: fc.constantFrom(null, null, '66666666-6666-4666-8666-666666666666'),
    })
    .map(({ type, status, amount, reverses }) => ({
      ...draftOf({ type }),
      familyId,
      id: '77777777-7777-4777-8777-777777777777',
      accountId: ids[0],
      toAccountId: type === 'transfer' ? ids[1] : null,
      amount,
      status,
      reverses,
      approval: null,
      resolvedAt: null,
      resolvedBy: null,
      reversedBy: null,
      version: 1,
    }))

  test('only what is posted and no reversal itself is undone, by its exact opposite', () => {
    fc.assert(
      fc.property(original, (transaction) => {
        const later = new Date(now.getTime() + 1000)
        const reverse = () => decideReversal(transaction, { userId: people[1], reason: 'a mistake' }, later)
        if (transaction.status !== 'posted' || transaction.reverses !== null) {
          const code = transaction.status === 'reversed' ? 'already_reversed' : 'not_reversible'
          expect(codeOf(reverse)).toBe(code)
          return
        }
        const opposite = reverse()
        const legs = [...legsOf(transaction, 'outside'), ...legsOf(opposite, 'outside')]
        for (const id of new Set(legs.map(({ accountId }) => accountId))) {
          const sum = legs
            .filter(({ accountId }) => accountId === id)
            .reduce((all, { amount }) => all + amount, 0n)
          expect(sum).toBe(0n)
        }
        expect(opposite).toMatchObject({
          familyId,
          currency: transaction.currency,
          createdBy: people[1],
          createdAt: later,
          reason: 'a mistake',
          reverses: transaction.id,
        })
      }),
    )
  })
})
